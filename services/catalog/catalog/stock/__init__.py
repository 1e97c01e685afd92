"""Stock levels in warehouses."""
