"""Disputes: payments that a buyer's bank takes back."""
