"""Exemptions of customers and organizations from taxes."""
