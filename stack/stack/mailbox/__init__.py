"""A mail server with pages that show what it received."""
