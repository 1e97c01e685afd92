"""Traces, logs and metrics, set up once per process.

`tracing` makes spans and carries baggage, `logging` writes JSON lines, `metrics` holds what every
service counts.
"""

from chassis.runtime.settings import Settings
from chassis.telemetry.logging import configure_logs, log
from chassis.telemetry.metrics import (
    BUCKETS,
    build_info,
    consumer_acknowledged,
    consumer_pending,
    count,
    database_calls_waiting,
    database_connections,
    database_connections_limit,
    dead_letters,
    dead_letters_waiting,
    dependency_up,
    events_handled,
    events_published,
    expect_events,
    expect_timers,
    loop_lag,
    outbox_oldest,
    outbox_pending,
    rpc_handled,
    rpc_seconds,
    rpc_started,
    timers_due,
    timers_fired,
    timers_oldest_due,
)
from chassis.telemetry.tracing import (
    BAGGAGE_KEYS,
    baggage,
    carry,
    configure_traces,
    draw_sampled,
    extract,
    inject,
    new_trace_id,
    shut_down,
    span,
    trace_id,
)


def configure(service: str, settings: Settings, version: str) -> None:
    """Sets up JSON logs on stderr, the tracer, and the build metric. Call once, first."""
    configure_logs(settings.log_level, service, settings.service_instance)
    build_info.labels(service, version).set(1)
    expect_events("any")
    configure_traces(service, settings, version)


__all__ = [
    "BAGGAGE_KEYS",
    "BUCKETS",
    "baggage",
    "build_info",
    "carry",
    "configure",
    "configure_logs",
    "consumer_acknowledged",
    "consumer_pending",
    "count",
    "database_calls_waiting",
    "database_connections",
    "database_connections_limit",
    "dead_letters",
    "dead_letters_waiting",
    "dependency_up",
    "draw_sampled",
    "events_handled",
    "events_published",
    "expect_events",
    "expect_timers",
    "extract",
    "inject",
    "log",
    "loop_lag",
    "new_trace_id",
    "outbox_oldest",
    "outbox_pending",
    "rpc_handled",
    "rpc_seconds",
    "rpc_started",
    "shut_down",
    "span",
    "timers_due",
    "timers_fired",
    "timers_oldest_due",
    "trace_id",
]
