"""Exports of touchpoints as files: jobs of the service, and the command `export`."""
