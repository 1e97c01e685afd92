"""The path of a request through an endpoint: parts to message, reply to JSON."""
