"""Placing of orders: `place_order` is the whole story, `steps` are the steps of its saga."""
