"""Imports: a shop's existing history from files of other tools."""
