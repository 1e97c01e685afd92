"""Refusals of checkout, one module a feature. The class name is the reason."""
