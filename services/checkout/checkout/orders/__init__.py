"""Orders after their placing."""
