"""Products beside a product: by hand, by rules, and by what is bought together."""
