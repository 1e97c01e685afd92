"""Servicers of checkouts and of orders in one call."""
