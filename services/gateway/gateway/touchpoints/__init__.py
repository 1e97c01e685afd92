"""Touchpoints of customers: what a request tells, and the buffer in front of the broker."""
