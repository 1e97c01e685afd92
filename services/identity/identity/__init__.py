"""Customers, credentials, sessions and tokens."""
