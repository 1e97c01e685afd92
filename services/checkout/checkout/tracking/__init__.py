"""Tracking of parcels by the events of their carriers."""
