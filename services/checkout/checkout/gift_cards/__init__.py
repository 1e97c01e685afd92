"""Gift cards: a ledger of each, and how they pay of orders."""
