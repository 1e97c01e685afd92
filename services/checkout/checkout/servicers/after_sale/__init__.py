"""Services of what follows a sale."""
