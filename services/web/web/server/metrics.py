"""Metrics of web."""

from typing import Final

from prometheus_client import Counter, Histogram

from chassis import telemetry

requests_total: Final = Counter(
    "web_requests_total", "requests answered", ["route", "method", "status"]
)
request_seconds: Final = Histogram(
    "web_request_seconds", "time to answer", ["route", "method"], buckets=telemetry.BUCKETS
)
gateway_requests_total: Final = Counter(
    "web_gateway_requests_total",
    "requests to the gateway; status 0: no answer",
    ["route", "status"],
)
gateway_request_seconds: Final = Histogram(
    "web_gateway_request_seconds",
    "time until the gateway answered",
    ["route"],
    buckets=telemetry.BUCKETS,
)
