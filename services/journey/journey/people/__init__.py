"""People, and the handles that lead to them."""
