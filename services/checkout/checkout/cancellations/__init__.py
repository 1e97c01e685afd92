"""Cancellation of quantities of an order that have not shipped."""
