"""Customers: profiles, address books and consents."""
