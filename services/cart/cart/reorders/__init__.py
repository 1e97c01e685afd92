"""Lines of old orders, put into carts again."""
