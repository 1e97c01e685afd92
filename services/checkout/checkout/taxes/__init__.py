"""Tax rates and taxes."""
