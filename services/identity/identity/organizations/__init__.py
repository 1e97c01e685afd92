"""Organizations that buy: their members, and whom they invited."""
