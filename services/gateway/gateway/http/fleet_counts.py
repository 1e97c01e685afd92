"""Counts of one fleet: each replica tells the others how much heavy callers asked of it.

A replica publishes once a second, so no request waits for it. It tells of a counter from a
twentieth of its limit on. A fleet of n replicas may thus admit (n - 1) / 20 of a limit beyond the
limit, and what arrives in the second before the others hear of it. Counts that are lost with the
broker away are not repeated: meanwhile each replica counts alone.
"""

import asyncio
import json
import secrets
from typing import Final

from nats.aio.msg import Msg
from prometheus_client import Counter

from chassis import telemetry
from chassis.events.broker import Broker
from gateway.http.limits import Limits

SUBJECT: Final = "limits.gateway"
_PUBLISH_SECONDS: Final = 1.0
# About 64 KiB of counters in one message.
MOST_KEYS: Final = 1_000
_LONGEST_KEY: Final = 200
_MOST_AT_ONCE: Final = 1_000_000
log = telemetry.log("fleet_counts")
unreadable_total = Counter(
    "fleet_counts_unreadable_total", "counts of another replica that cannot be read"
)


class FleetCounts:
    """Exchanges the counts of `limits` with the other replicas."""

    def __init__(self, broker: Broker, limits: Limits) -> None:
        self._broker, self._limits = broker, limits
        self._replica = secrets.token_hex(8)

    def encode(self) -> bytes | None:
        """Returns the message about what heavy callers asked since the last one, or None."""
        counts = self._limits.new_counts(most=MOST_KEYS)
        if not counts:
            return None
        document = {"replica": self._replica, "counts": counts}
        return json.dumps(document, separators=(",", ":")).encode()

    def decode(self, data: bytes) -> None:
        """Takes in another replica's message.

        A message of this replica, or one that cannot be read, changes nothing.
        """
        try:
            document = json.loads(data)
            is_own = document["replica"] == self._replica
            counts = [
                (str(name), str(key)[:_LONGEST_KEY], min(max(int(count), 0), _MOST_AT_ONCE))
                for name, key, count in document["counts"][:MOST_KEYS]
            ]
        except (ValueError, KeyError, TypeError):
            unreadable_total.inc()
            return
        if not is_own:
            self._limits.add_counts(counts)

    async def run(self) -> None:
        """Publishes and hears counts until cancelled."""
        await self._broker.ready()

        async def heard(message: Msg) -> None:
            self.decode(message.data)

        await self._broker.client.subscribe(SUBJECT, cb=heard)
        while True:
            await asyncio.sleep(_PUBLISH_SECONDS)
            if (message := self.encode()) is None or not self._broker.is_connected:
                continue
            try:
                await self._broker.client.publish(SUBJECT, message)
            except Exception as error:
                log.warning("cannot tell the fleet's counts", error=type(error).__name__)
