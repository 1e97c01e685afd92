"""Addresses of pages, and what search engines are told of them."""
