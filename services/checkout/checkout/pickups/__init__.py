"""Orders that are picked up in a store."""
