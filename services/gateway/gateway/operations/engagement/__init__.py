"""Tables of endpoints of what stands beside a product."""
