"""One person's journey, with the traces behind it."""
