"""The journey studio: journey maps with funnels and people's paths."""
