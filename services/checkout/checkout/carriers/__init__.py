"""Connections to carriers."""
