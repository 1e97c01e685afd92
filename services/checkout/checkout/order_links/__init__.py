"""Secret links by which a buyer without a session reads an order."""
