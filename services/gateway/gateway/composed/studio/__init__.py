"""Replies about journey maps that a team draws."""
