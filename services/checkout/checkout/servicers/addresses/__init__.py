"""The edge of rules of addresses."""
