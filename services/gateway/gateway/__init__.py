"""REST for storefronts and the back office."""
