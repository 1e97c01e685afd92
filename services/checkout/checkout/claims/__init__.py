"""Claims: goods that arrived wrong or damaged, or not at all, and how the shop settles them."""
