"""The way of a request through an endpoint: from its parts to a message, and from the reply to JSON."""
