"""Touchpoints of customers, published to the journey service without delaying an answer."""

import asyncio
import contextlib
from collections import deque
from typing import Final

import nats.errors
import uuid_utils
from prometheus_client import Counter, Gauge

from chassis.events.broker import Broker, BrokerUnavailable
from chassis.runtime.clock import Clock
from sojourn.journey.v1 import events_pb2 as pb

SUBJECT: Final = "touchpoints.gateway"
_BATCH: Final = 500
_LOOK_SECONDS: Final = 0.2
# After a batch, so that under load the next one has several.
_PAUSE_SECONDS: Final = 0.05
noted_total = Counter(
    "touchpoints_noted_total", "touchpoints that happened at the gateway, lost ones included"
)
published_total = Counter("touchpoints_published_total", "touchpoints given to the broker")
lost_total = Counter(
    "touchpoints_lost_total",
    "touchpoints lost because the buffer was full, or at the end of the process",
)
waiting = Gauge("touchpoints_waiting", "touchpoints in the buffer")


class Touchpoints:
    """A bounded buffer in front of the broker.

    What does not fit is lost and counted; what is in it survives the broker's absence.
    """

    def __init__(self, broker: Broker, clock: Clock, *, most: int) -> None:
        self._broker, self.clock, self._most = broker, clock, most
        self._buffer: deque[pb.Touchpoint] = deque()

    def add(self, touchpoint: pb.Touchpoint, *, seconds: float = 0) -> None:
        """Keeps a touchpoint that took some seconds until now for the next batch. Never waits.

        It is dated when it began, so that it comes before the events that it caused.
        """
        noted_total.inc()
        if len(self._buffer) >= self._most:
            lost_total.inc()
            return
        # As FromDatetime does it, in a third of the time.
        microseconds = round((self.clock.now().timestamp() - seconds) * 1_000_000)
        at = touchpoint.occurred_at
        at.seconds, at.nanos = microseconds // 1_000_000, microseconds % 1_000_000 * 1_000
        touchpoint.id = str(uuid_utils.uuid7())
        self._buffer.append(touchpoint)

    async def run(self) -> None:
        """Publishes until cancelled, through absences of the broker."""
        await self._broker.ready()
        while True:
            waiting.set(len(self._buffer))
            has_published = bool(self._buffer) and await self._publish()
            if not has_published or len(self._buffer) < _BATCH:
                await asyncio.sleep(_PAUSE_SECONDS if has_published else _LOOK_SECONDS)

    async def flush(self) -> None:
        """Publishes what is left, for two seconds at most; the rest is lost and counted."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                while self._buffer and await self._publish():
                    pass
        lost_total.inc(len(self._buffer))
        self._buffer.clear()

    async def _publish(self) -> bool:
        batch = [self._buffer.popleft() for _ in range(min(_BATCH, len(self._buffer)))]
        try:
            message = pb.TouchpointBatch(touchpoints=batch).SerializeToString()
            # A batch is named by its first touchpoint: published twice in doubt, it is kept once.
            await self._broker.jetstream.publish(
                SUBJECT, message, headers={"Nats-Msg-Id": batch[0].id}
            )
        except (nats.errors.Error, BrokerUnavailable, OSError, TimeoutError):
            self._buffer.extendleft(reversed(batch))
            return False
        except asyncio.CancelledError:
            self._buffer.extendleft(reversed(batch))
            raise
        published_total.inc(len(batch))
        return True
