"""Exports of all that the catalogue holds, in forms that imports read."""
