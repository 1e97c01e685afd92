"""Gift messages: what a giver writes about an order or one of its lines."""
