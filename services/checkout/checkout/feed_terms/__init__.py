"""Delivery and tax as product feeds tell them."""
