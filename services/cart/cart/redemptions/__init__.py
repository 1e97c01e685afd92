"""Redemptions: the use of a cart and its promotions by an order, and counts of orders."""
