"""Segments: named filters that questions name by their slug."""
