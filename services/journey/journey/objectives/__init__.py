"""Objectives of stages, and how fast their error budgets burn."""
