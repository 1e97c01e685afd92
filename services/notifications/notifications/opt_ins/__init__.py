"""Double opt-in for addresses that their owners have not confirmed."""
