"""Payments and refunds, the port to providers, and their webhooks."""
