"""Devices that logged in before."""
