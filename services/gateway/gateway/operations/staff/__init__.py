"""Tables of endpoints that staff alone use."""
