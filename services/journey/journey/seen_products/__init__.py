"""Products that visitors looked at."""
