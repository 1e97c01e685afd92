"""Exchanges: orders that replace goods which come back, and are paid with their value."""
