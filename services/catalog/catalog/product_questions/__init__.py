"""Questions about products, answered by staff and by buyers."""
