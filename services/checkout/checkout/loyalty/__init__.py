"""Loyalty points: earned with orders, redeemed for store credit."""
