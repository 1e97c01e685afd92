"""Templates of messages, their variables, links and formats."""
