"""Orders as far as the catalogue needs them: who bought which products."""
