"""Fixtures of service tests: real PostgreSQL, NATS and gRPC, tokens, and one way to wait.

The servers come from outside: `TEST_POSTGRES_DSN` (superuser of a throw-away server) and
`TEST_NATS_URL`, which the repository's conftest sets.
"""

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from chassis import telemetry
from chassis.testing.broker import fresh_broker, migrated
from chassis.testing.builders import an_address, an_email, an_item, eur
from chassis.testing.clock import virtual_clock
from chassis.testing.database import (
    drift_of,
    events_of,
    fresh_database,
    superuser_dsn,
    superuser_url,
)
from chassis.testing.fakes import Calls, FakePeer, answers
from chassis.testing.metrics import sample_value
from chassis.testing.service_under_test import (
    ServiceUnderTest,
    grpc_server,
    running,
    service_under_test,
)
from chassis.testing.tokens import ISSUER, Tokens
from chassis.testing.waiting import eventually, let_tasks_run

__all__ = [
    "ISSUER",
    "Calls",
    "FakePeer",
    "ServiceUnderTest",
    "Tokens",
    "an_address",
    "an_email",
    "an_item",
    "answers",
    "drift_of",
    "eur",
    "events_of",
    "eventually",
    "fresh_broker",
    "fresh_database",
    "grpc_server",
    "let_tasks_run",
    "migrated",
    "running",
    "sample_value",
    "service_under_test",
    "superuser_dsn",
    "superuser_url",
    "virtual_clock",
]

# Tests see the logs that operators see.
telemetry.configure_logs("INFO", "tests", "tests")
trace.set_tracer_provider(TracerProvider())
