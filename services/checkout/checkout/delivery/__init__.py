"""Delivery options: prices and days."""
