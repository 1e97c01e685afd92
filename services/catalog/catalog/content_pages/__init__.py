"""Pages of text and products that a merchant writes."""
