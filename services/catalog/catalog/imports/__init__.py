"""Imports and exports of catalogues: their files, and their jobs."""
