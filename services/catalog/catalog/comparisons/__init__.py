"""Comparisons of products for shoppers."""
