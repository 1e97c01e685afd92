"""Snapshots of the search index, from which replicas start."""
