"""Credentials: passwords of customers and staff, and how they are hashed."""
