"""The edge of credit limits."""
