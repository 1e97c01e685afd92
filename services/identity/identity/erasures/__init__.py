"""Erasures of accounts."""
