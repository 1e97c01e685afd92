"""Guests who became customers: what they bought as guests is theirs."""
