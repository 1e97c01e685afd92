"""Pages of what is watched: changes, webhooks that tell of them, objectives of stages."""
