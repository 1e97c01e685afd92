"""Access tokens of services."""
