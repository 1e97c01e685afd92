"""Processes, PostgreSQL and NATS on this machine, without containers."""
