"""Alerts about variants that are back in stock or cost less."""
