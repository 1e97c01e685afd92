"""Payments and refunds: the provider's port, the simulator behind it, and the webhooks from it."""
