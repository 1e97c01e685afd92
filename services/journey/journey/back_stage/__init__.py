"""The back stage: calls and events behind touchpoints, by the hour."""
