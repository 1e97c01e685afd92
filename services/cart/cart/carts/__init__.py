"""Carts: lines, coupon codes, totals, and what shoppers do to them."""
