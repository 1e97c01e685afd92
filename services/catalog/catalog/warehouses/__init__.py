"""Warehouses: the places that hold stock."""
