"""Touchpoints, journeys, journey maps, feedback."""
