"""Checkouts, orders, payments and shipments."""
