"""API keys of machines."""
