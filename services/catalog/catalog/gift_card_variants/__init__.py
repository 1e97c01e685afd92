"""Variants that are gift cards; checkout issues the cards and keeps what is on them."""
