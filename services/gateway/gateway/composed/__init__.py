"""Answers that are more than one reply."""
