"""Prices of cart lines that staff agree with a shopper, within a limit."""
