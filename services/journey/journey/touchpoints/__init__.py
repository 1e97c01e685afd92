"""Touchpoints: how they arrive, and how they are stored."""
