"""Faults on purpose: chaos, crowds, hostile inputs, and a proxy that fails on demand."""
