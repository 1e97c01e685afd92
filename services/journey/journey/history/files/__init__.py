"""Files of old touchpoints: their schema, their table and their order."""
