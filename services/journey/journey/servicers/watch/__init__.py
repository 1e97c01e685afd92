"""Edges of what is watched: insights, webhooks that tell of them, and the back stage."""
