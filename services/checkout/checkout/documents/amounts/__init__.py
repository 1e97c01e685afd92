"""Amounts of documents: lines, charges, taxes, and what goes back of them."""
