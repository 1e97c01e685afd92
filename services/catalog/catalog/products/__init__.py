"""Products, their variants, and their import."""
