"""Answers in time: estimates from the histories of some people, scaled to all."""
