"""Monitoring of the platform: rules, alerts and dashboards, made from `deploy/slo.yaml` and from
here by `make generate`.
"""
