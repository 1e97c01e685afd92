"""Samples of a large search index, and queries that are ranked and counted by them."""
