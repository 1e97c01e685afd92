"""Definitions of products' attributes by staff: kinds, units, choices, labels."""
