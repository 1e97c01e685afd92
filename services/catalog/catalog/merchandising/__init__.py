"""Settings of search that staff keep."""
