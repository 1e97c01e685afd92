"""Insights: the questions of analysts, each a page with its controls."""
