"""Endpoints of identity: sessions, accounts, organizations, keys and members of the staff."""
