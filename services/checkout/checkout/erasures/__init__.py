"""Erased customers: what checkouts and orders keep of them, and until when."""
