"""Channels: the places of selling."""
