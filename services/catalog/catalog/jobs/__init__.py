"""Imports of catalogue files as jobs."""
