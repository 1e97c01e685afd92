"""Keys that sign access tokens."""
