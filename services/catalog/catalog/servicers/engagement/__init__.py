"""Edges of what stands beside a product: reviews, questions, related products, alerts."""
