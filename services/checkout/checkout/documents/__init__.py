"""Documents of orders: numbered invoices and credit notes, stored as they were issued."""
