"""Promotions, their coupon codes, and the engine that prices lines with them."""
