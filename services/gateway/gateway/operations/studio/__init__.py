"""Journey maps that a team draws: documents, sharing, comments."""
