"""When the platform has nothing left to do: outboxes are empty, every consumer has handled what it was sent, and the server has tidied up."""

from __future__ import annotations

import time
from typing import Final

import httpx
import psycopg

from stack.platform import Platform

QUIET_SECONDS: Final = 120.0
POLL_SECONDS: Final = 0.1


def wait_until_quiet(platform: Platform) -> None:
    """Returns once nothing waits. Raises TimeoutError after two minutes."""
    deadline = time.monotonic() + QUIET_SECONDS
    services = [component.name for component in platform.components if component.database]
    connections = [psycopg.connect(platform.postgres.superuser_dsn(name), autocommit=True) for name in services]
    try:
        with httpx.Client() as client:
            seen = 0
            while seen < 3:
                # Between two looks a consumer may emit anew.
                seen = seen + 1 if not any(map(_waiting, connections)) and _unhandled(client, platform) == 0 else 0
                if time.monotonic() > deadline:
                    raise TimeoutError("events are still waiting two minutes after the load")
                time.sleep(POLL_SECONDS)
    finally:
        for connection in connections:
            connection.close()


def vacuum(platform: Platform) -> None:
    """What the server does by itself within some minutes of an import: until then it plans for empty tables, and writes out what came."""
    for component in platform.components:
        if component.database:
            with psycopg.connect(platform.postgres.superuser_dsn(component.name), autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
                connection.execute("CHECKPOINT")


def _waiting(connection: psycopg.Connection[tuple[bool]]) -> bool:
    due = "SELECT EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM timer WHERE due_at <= clock_timestamp() AND attempts < 3)"
    record = connection.execute(due).fetchone()
    return bool(record and record[0])


def _unhandled(client: httpx.Client, platform: Platform) -> int:
    answer = client.get(f"http://127.0.0.1:{platform.nats.monitor_port}/jsz?consumers=true&accounts=true").json()
    consumers = [
        consumer
        for account in answer.get("account_details", [])
        for stream in account.get("stream_detail", [])
        for consumer in stream.get("consumer_detail") or []
    ]
    return sum(int(consumer.get("num_pending", 0)) + int(consumer.get("num_ack_pending", 0)) for consumer in consumers)
