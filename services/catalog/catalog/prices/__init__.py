"""Prices by price list and currency."""
