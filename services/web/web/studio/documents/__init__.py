"""Pages of maps as documents: findings, files, sharing, comments, comparison."""
