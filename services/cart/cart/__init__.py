"""Carts, promotions and totals."""
