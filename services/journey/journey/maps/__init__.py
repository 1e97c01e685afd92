"""Journey maps, their stages and rules."""
