"""Defence against fraud: limits, signals, scores, and the review of orders."""
