"""Reconciliation with the payment provider and the catalog."""
