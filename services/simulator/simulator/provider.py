"""The running provider: its ledger, its courier, and the rules that hold for every call."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from simulator import misbehaviour
from simulator.errors import Outage
from simulator.misbehaviour import Rules
from simulator.settings import Settings
from simulator.storage.database import Database
from simulator.webhooks import outbox
from simulator.webhooks.courier import Courier

T = TypeVar("T")


class Provider:
    """One per process, and one process per ledger file."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.ledger_path)
        self.stopping = asyncio.Event()
        # The rules that admit a call are kept in memory, so that a refused call costs no look into
        # the file.
        self.rules = Rules()
        self._courier: Courier | None = None
        self._delivering: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Opens the ledger and starts to deliver what it still owes."""
        await self.database.open()
        self.rules = await self.database.read(misbehaviour.current_rules)
        if self.settings.webhook_url:
            secret = self.settings.webhook_secret.get_secret_value()
            self._courier = Courier(self.database, url=self.settings.webhook_url, secret=secret)
            self._delivering = asyncio.create_task(self._courier.run())

    async def close(self) -> None:
        """Stops delivering, lets the queued transactions commit and closes the ledger."""
        self.stopping.set()
        if self._delivering:
            self._delivering.cancel()
            await asyncio.gather(self._delivering, return_exceptions=True)
        await self.database.close()

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Returns the result of `work` once its transaction is on disk, and wakes the courier."""
        result = await self.database.write(work)
        if self._courier:
            self._courier.wake()
        return result

    async def admit(self) -> None:
        """Lets a payment call in, late if a rule says so. Raises Outage."""
        if self.rules.outage:
            raise Outage("the provider is down")
        if self.rules.latency_ms:
            await self.pause(self.rules.latency_ms / 1000)

    async def pause(self, seconds: float) -> None:
        """Waits, but not beyond the moment when the program is told to stop."""
        try:
            await asyncio.wait_for(self.stopping.wait(), timeout=seconds)
        except TimeoutError:
            pass

    async def misbehave(self, rules: Rules) -> None:
        """Replaces the rules and resets their counts.

        Without a rule of delays, delayed events are due at once.
        """

        def work(tx: sqlite3.Connection) -> None:
            misbehaviour.replace_rules(tx, rules)
            if not rules.webhooks.delay_seconds:
                outbox.release_delayed(tx)

        await self.write(work)
        self.rules = rules
