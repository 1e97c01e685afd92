"""`make bench`: what each path of the platform costs, beside the floor that no path can undercut."""
