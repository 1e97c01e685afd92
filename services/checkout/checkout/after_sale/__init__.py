"""Settings of channels for what follows a sale."""
