"""Credit of customers and organizations, up to which they pay by invoice."""
