"""Queries of shoppers, counted without their askers."""
