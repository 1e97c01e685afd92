"""Pages for people. They call the gateway over REST, as a customer's own program can."""
