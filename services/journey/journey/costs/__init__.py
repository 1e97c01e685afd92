"""Costs of goods, as the catalogue tells them, and the margins of orders."""
