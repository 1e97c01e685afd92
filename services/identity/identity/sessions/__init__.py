"""Sessions, and the tokens of them."""
