"""The journey page as HTML."""
