"""Timed reservations of stock."""
