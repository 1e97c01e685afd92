"""Registrations of customers, and confirmations of their e-mail addresses."""
