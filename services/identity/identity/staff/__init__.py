"""Staff members and their roles."""
