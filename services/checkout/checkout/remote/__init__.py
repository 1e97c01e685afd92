"""Calls of services on the internet that may be slow or gone."""
