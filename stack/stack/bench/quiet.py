"""Detects an idle platform: empty outboxes, consumers at their end, an idle database."""

from __future__ import annotations

import time
from typing import Final

import httpx
import psycopg

from stack.platform import Platform

QUIET_SECONDS: Final = 120.0
POLL_SECONDS: Final = 0.1


class Quiet:
    """Checks for waiting work on kept connections: a new one costs the server a request's time."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._services = [component.name for component in platform.components if component.database]
        self._connections: list[psycopg.Connection[tuple[bool]]] = []
        self._client = httpx.Client()

    def wait(self, *, within_seconds: float = QUIET_SECONDS) -> None:
        """Returns once nothing waits. Raises TimeoutError after a time, else after two minutes."""
        deadline = time.monotonic() + within_seconds
        if not self._connections:
            self._connections = [
                psycopg.connect(self._platform.postgres.superuser_dsn(name), autocommit=True)
                for name in self._services
            ]
        seen = 0
        while seen < 3:
            # Between two looks a consumer may emit anew.
            seen = (
                seen + 1
                if not any(map(_waiting, self._connections))
                and _unhandled(self._client, self._platform) == 0
                else 0
            )
            if time.monotonic() > deadline:
                raise TimeoutError(f"events still wait {within_seconds:.0f} s after the load")
            time.sleep(POLL_SECONDS)

    def close(self) -> None:
        """Lets go of the connections."""
        for connection in self._connections:
            connection.close()
        self._client.close()


def wait_until_quiet(platform: Platform, *, within_seconds: float = QUIET_SECONDS) -> None:
    """Returns once nothing waits. Raises TimeoutError after a time, else after two minutes."""
    quiet = Quiet(platform)
    try:
        quiet.wait(within_seconds=within_seconds)
    finally:
        quiet.close()


def vacuum(platform: Platform) -> None:
    """Runs PostgreSQL's maintenance after an import.

    Before it, plans are for empty tables and new pages are still to be written.
    """
    for component in platform.components:
        if component.database:
            with psycopg.connect(
                platform.postgres.superuser_dsn(component.name), autocommit=True
            ) as connection:
                connection.execute("VACUUM ANALYZE")
                connection.execute("CHECKPOINT")


def _waiting(connection: psycopg.Connection[tuple[bool]]) -> bool:
    due = (
        "SELECT EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM timer WHERE due_at <= "
        "clock_timestamp() AND attempts < 3)"
    )
    record = connection.execute(due).fetchone()
    return bool(record and record[0])


def _unhandled(client: httpx.Client, platform: Platform) -> int:
    answer = client.get(
        f"http://127.0.0.1:{platform.nats.monitor_port}/jsz?consumers=true&accounts=true"
    ).json()
    consumers = [
        consumer
        for account in answer.get("account_details", [])
        for stream in account.get("stream_detail", [])
        for consumer in stream.get("consumer_detail") or []
    ]
    return sum(
        int(consumer.get("num_pending", 0)) + int(consumer.get("num_ack_pending", 0))
        for consumer in consumers
    )
