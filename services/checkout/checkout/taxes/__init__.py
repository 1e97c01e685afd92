"""Tax rates, and the tax of an order."""
