"""Metrics that every service has. A service's own are in its module `metrics`."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

# Every latency objective must be one of these boundaries.
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# A second series per counter and histogram that says when it was made, which no rule reads.
disable_created_metrics()  # type: ignore[no-untyped-call]

rpc_started = Counter("grpc_server_started_total", "calls begun", ["grpc_service", "grpc_method"])
rpc_handled = Counter(
    "grpc_server_handled_total", "calls answered", ["grpc_service", "grpc_method", "grpc_code"]
)
rpc_seconds = Histogram(
    "grpc_server_handling_seconds",
    "time to answer",
    ["grpc_service", "grpc_method"],
    buckets=BUCKETS,
)
# What waits is read from the database and the broker by every replica alike: over replicas, take
# the maximum.
outbox_pending = Gauge("outbox_pending", "events not yet published, 10,000 at most, as last looked")
outbox_oldest = Gauge(
    "outbox_oldest_seconds", "age of the oldest event not yet published, as last looked"
)
timers_due = Gauge(
    "timers_due", "timers whose time has come and that are not done, 10,000 at most, as last looked"
)
timers_oldest_due = Gauge(
    "timers_oldest_due_seconds", "for how long the oldest of them has been due, as last looked"
)
consumer_pending = Gauge(
    "consumer_pending_messages",
    "messages that a consumer has not handled, as last looked",
    ["consumer"],
)
consumer_acknowledged = Gauge(
    "consumer_acknowledged_sequence",
    "the message up to which a consumer has handled all, as last looked",
    ["consumer"],
)
dead_letters_waiting = Gauge(
    "dead_letters_waiting",
    "dead letters of this service that nobody has given back, as last looked",
)
events_published = Counter("events_published_total", "events given to the broker", ["type"])
events_handled = Counter("events_handled_total", "events handled", ["type", "outcome"])
dead_letters = Counter("dead_letters_total", "events given up")
timers_fired = Counter("timers_fired_total", "timers run", ["kind", "outcome"])
dependency_up = Gauge("dependency_up", "1 while the dependency answers", ["dependency"])
database_connections = Gauge(
    "database_connections", "connections of this process's pool", ["state"]
)
database_connections_limit = Gauge(
    "database_connections_limit", "connections that this process's pool may have"
)
database_calls_waiting = Gauge(
    "database_calls_waiting", "calls that wait for a connection of this process's pool"
)
loop_lag = Gauge(
    "event_loop_lag_seconds", "how late the event loop ran what was due, as last looked"
)
build_info = Gauge("sojourn_build_info", "1", ["service", "version"])


def expect_events(*types: str) -> None:
    """Lets the series of these types exist at 0: an increase from nothing to 1 is none."""
    for type in types:
        for outcome in ("handled", "repeated", "unknown", "failed"):
            events_handled.labels(type, outcome)


def expect_timers(*kinds: str) -> None:
    """Lets the series of these kinds exist at 0."""
    for kind in kinds:
        for outcome in ("fired", "failed"):
            timers_fired.labels(kind, outcome)


def count(counter: Counter, *labels: str, synthetic: bool, by: float = 1) -> None:
    """Adds to a counter of customers' actions; a `synthetic` shopper's do not count.

    Pass it from the row, as to `Tx.emit`: a timer, the reconciler or staff may be at work for the
    shopper.
    """
    if not synthetic:
        (counter.labels(*labels) if labels else counter).inc(by)
