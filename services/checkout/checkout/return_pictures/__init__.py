"""Pictures that buyers add to returns."""
