"""Relevance of search: queries made of a catalogue, and ranks of the products they mean."""
