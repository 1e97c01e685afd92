"""Surveys: their questions, who is asked when, and what people answered."""
