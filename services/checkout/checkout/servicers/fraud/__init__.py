"""The edges of limits and settings against fraud, and of reviews."""
