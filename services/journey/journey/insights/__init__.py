"""Insights: significant changes of journeys, found day by day."""
