"""Sharing of maps: roles of members of the staff, and links for others."""
