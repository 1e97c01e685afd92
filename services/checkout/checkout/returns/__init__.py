"""Returns: goods that buyers send back, from the request to the refund."""
