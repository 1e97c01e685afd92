"""Clients of the public API: a demo, a synthetic shopper, and helpers of tests."""
