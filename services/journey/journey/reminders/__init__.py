"""Reminders of abandoned carts."""
