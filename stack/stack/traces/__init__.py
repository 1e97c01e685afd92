"""A sink of OpenTelemetry spans with pages that show them."""
