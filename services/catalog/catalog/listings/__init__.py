"""Stored pages and cards of products, and the answers that shoppers read from them."""
