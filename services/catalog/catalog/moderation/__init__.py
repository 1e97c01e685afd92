"""Moderation: what customers write, its states, its approval and the votes on it."""
