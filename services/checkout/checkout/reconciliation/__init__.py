"""Reconciliation of orders with the payment providers and the catalog."""
