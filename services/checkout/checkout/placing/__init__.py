"""Placing of orders."""
