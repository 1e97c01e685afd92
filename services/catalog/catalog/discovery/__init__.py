"""Sitemaps and product feeds, read a part at a time."""
