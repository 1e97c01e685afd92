"""Labels of shipments."""
