"""Edges of what comes and goes as files: imports, exports, media."""
