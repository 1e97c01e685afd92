"""Menus of storefronts."""
