"""Payment methods as staff keep them, and those that a checkout is offered."""
