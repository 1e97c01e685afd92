"""Refunds that a provider accepted and could not pay out."""
