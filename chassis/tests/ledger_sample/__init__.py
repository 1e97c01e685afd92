"""A service with one table, to test the chassis on."""
