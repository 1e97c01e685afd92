"""Delivery options and their prices."""
