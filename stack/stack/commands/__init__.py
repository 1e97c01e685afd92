"""The stack's commands, a module each kind."""
