"""Results of surveys, and the texts that people wrote."""
