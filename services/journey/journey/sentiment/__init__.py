"""Tone of texts, by a word list."""
