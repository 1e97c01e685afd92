"""Browsing: answers to shoppers from stored parts, the cached tree and the search index."""
