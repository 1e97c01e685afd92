"""Business time: real, or shifted by an offset that every process of a stack follows.

Backoff, leases and deadlines use real time (`time.monotonic`, the database's lease columns), never
this clock.
"""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import KeyNotFoundError, NotFoundError
from uuid_utils.compat import uuid7

__all__ = ["BUCKET", "Clock", "real_now", "uuid7", "wait_at_most"]

BUCKET = "clock"
KEY = "offset_seconds"


def real_now() -> datetime:
    """Aware UTC wall time, for leases and backoff."""
    return datetime.fromtimestamp(time.time(), UTC)


async def wait_at_most(event: asyncio.Event, seconds: float) -> None:
    """Returns once the event is set, and after `seconds` sets it.

    Costs a fifth of `asyncio.wait_for`, which makes a task.
    """
    timer = asyncio.get_running_loop().call_later(seconds, event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()


class Clock:
    """The one source of business times in a process."""

    def __init__(self, *, is_virtual: bool = False) -> None:
        self.is_virtual = is_virtual
        self._offset = timedelta()

    def now(self) -> datetime:
        """Aware UTC business time."""
        return real_now() + self._offset

    def shift_to(self, offset_seconds: float) -> None:
        """Sets the offset from real time. Does nothing to a clock that is not virtual."""
        if self.is_virtual:
            self._offset = timedelta(seconds=offset_seconds)

    async def follow(self, client: Client, jetstream: JetStreamContext) -> None:
        """Follows the offset in the KV bucket until cancelled.

        Each change is heard at once; what was missed is read within a second. Only tests and demos
        shift time.
        """
        heard = 0

        async def shifted(message: Msg) -> None:
            nonlocal heard
            heard += 1
            self.shift_to(float(message.data or b"0"))

        changes = await client.subscribe(f"$KV.{BUCKET}.{KEY}", cb=shifted)
        try:
            while True:
                before = heard
                with contextlib.suppress(KeyNotFoundError, NotFoundError, TimeoutError, OSError):
                    entry = await (await jetstream.key_value(BUCKET)).get(KEY)
                    # What is heard meanwhile is newer.
                    if heard == before:
                        self.shift_to(float(entry.value or b"0"))
                await asyncio.sleep(1)
        finally:
            await changes.unsubscribe()
