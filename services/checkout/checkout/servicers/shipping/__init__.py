"""Edges of parcels on their way."""
