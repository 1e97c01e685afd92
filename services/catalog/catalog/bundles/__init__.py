"""Bundles: variants that are sold as sets of others, from the stock of these."""
