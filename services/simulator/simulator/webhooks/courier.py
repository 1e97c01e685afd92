"""Delivery of webhook events: signed, at least once, retried for a day until a 2xx answer."""

import asyncio
import hashlib
import hmac
import importlib
import logging
import sqlite3
import time
from typing import TYPE_CHECKING, Final

from simulator.storage.database import Database
from simulator.webhooks import outbox
from simulator.webhooks.outbox import PendingEvent

if TYPE_CHECKING:
    import httpx

SIGNATURE_HEADER: Final = "Simulator-Signature"
ROUND_SIZE: Final = 32
ANSWER_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 30.0
TROUBLE_SECONDS: Final = 1.0

log = logging.getLogger(__name__)


def signature_of(body: str, *, secret: str, at: int) -> str:
    """The header's value: `t=<Unix seconds>,v1=<hex of HMAC-SHA256 over "t.body">`."""
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Courier:
    """Delivers in rounds: sends all due events at once, then stores the results together.

    A crash within a round delivers it again, which at-least-once allows.
    """

    def __init__(self, database: Database, *, url: str, secret: str) -> None:
        self._database = database
        self._url = url
        self._secret = secret
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Says that there may be something to deliver."""
        self._woken.set()

    async def run(self) -> None:
        """Delivers until it is cancelled."""
        # Imported here and in a thread, since it would add a sixth of a second to the start.
        client_library = await asyncio.to_thread(importlib.import_module, "httpx")
        client: httpx.AsyncClient
        async with client_library.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as client:
            while True:
                try:
                    await self._wait(await self._deliver_round(client))
                except sqlite3.Error:
                    log.exception("the outbox can't be used")
                    await asyncio.sleep(TROUBLE_SECONDS)

    async def _deliver_round(self, client: "httpx.AsyncClient") -> float:
        """Seconds until there is more to do."""
        self._woken.clear()
        pending = await self._database.read(
            lambda tx: outbox.deliverable_events(tx, limit=ROUND_SIZE)
        )
        moment = time.time()
        due = [event for event in pending if event.due_at <= moment]
        if not due:
            return min([IDLE_SECONDS, *(event.due_at - moment for event in pending)])
        async with asyncio.TaskGroup() as deliveries:
            tasks = {
                event.event_id: deliveries.create_task(self._deliver(client, event))
                for event in due
            }
        results = [(event_id, task.result()) for event_id, task in tasks.items()]
        await self._database.write(lambda tx: _settle(tx, results))
        return 0

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), timeout=seconds)
        except TimeoutError:
            pass

    async def _deliver(self, client: "httpx.AsyncClient", event: PendingEvent) -> bool:
        headers = {
            "Content-Type": "application/json",
            SIGNATURE_HEADER: signature_of(event.body, secret=self._secret, at=int(time.time())),
        }
        try:
            response = await client.post(self._url, content=event.body, headers=headers)
        except Exception as error:
            # Whatever went wrong on the way, the event stays in the outbox: no exception may end
            # the courier.
            log.warning(
                "webhook not delivered",
                extra={"event_id": event.event_id, "error": type(error).__name__},
            )
            return False
        if not response.is_success:
            log.warning(
                "webhook refused",
                extra={"event_id": event.event_id, "status_code": response.status_code},
            )
        return response.is_success


def _settle(tx: sqlite3.Connection, results: list[tuple[str, bool]]) -> None:
    for event_id, has_arrived in results:
        if has_arrived:
            outbox.mark_delivered(tx, event_id)
        else:
            outbox.mark_failed(tx, event_id)
