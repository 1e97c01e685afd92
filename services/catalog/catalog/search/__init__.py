"""The search index and its indexer."""
