"""Shipping of many orders at once."""
