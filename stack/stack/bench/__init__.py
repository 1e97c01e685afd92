"""`make bench`: the cost of each path, beside the floor that no path can undercut."""
