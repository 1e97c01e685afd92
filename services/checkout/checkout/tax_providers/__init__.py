"""Providers that compute taxes in place of the own rates."""
