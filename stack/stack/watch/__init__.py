"""Monitoring: rules, alerts and dashboards that `make generate` writes.

Their sources are `deploy/slo.yaml` and this package.
"""
