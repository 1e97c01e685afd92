"""Questions that compare segments, time steps, and judge paths, days, failures, products."""
