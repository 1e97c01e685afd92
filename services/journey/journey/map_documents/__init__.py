"""Journey maps as documents: findings about them, files of them, merging and comparing."""
