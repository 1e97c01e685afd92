"""Payments: states, charges, challenges, reversals, and the ledger of all of them."""
