"""Webhooks that tell of insights."""
