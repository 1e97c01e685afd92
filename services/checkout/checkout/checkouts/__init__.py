"""Checkouts: from a cart to an order that can be placed."""
