"""Tables of endpoints by which staff set how the shop sells."""
