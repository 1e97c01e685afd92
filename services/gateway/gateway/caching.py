"""A bounded cache of anonymous catalogue answers, dropped by catalog's change events."""

import time
from collections import OrderedDict

from nats.aio.msg import Msg
from prometheus_client import Counter

from chassis.events import Broker

cache_total = Counter("catalogue_cache_total", "look-ups in the cache of catalogue answers", ["outcome"])
for _outcome in ("hit", "miss"):
    cache_total.labels(_outcome)


class Cache:
    """Bodies and ETags by key. Nothing is older than `seconds`; any change in the catalogue drops everything.

    Events may be missed while the broker is away; the age bounds what that costs. Prices and stock are checked again in the cart.
    """

    def __init__(self, *, seconds: float, entries: int) -> None:
        self._seconds, self._most = seconds, entries
        self._entries: OrderedDict[str, tuple[float, bytes, str]] = OrderedDict()
        self._generation = 0

    def stamp(self) -> int:
        """The generation of what is asked now: an answer to it is not kept if a change came in between."""
        return self._generation

    def get(self, key: str) -> tuple[bytes, str] | None:
        found = self._entries.get(key)
        if found is None or found[0] < time.monotonic():
            cache_total.labels("miss").inc()
            return None
        self._entries.move_to_end(key)
        cache_total.labels("hit").inc()
        return found[1], found[2]

    def put(self, key: str, body: bytes, etag: str, stamp: int) -> None:
        if not self._seconds or not self._most or stamp != self._generation:
            return
        self._entries[key] = (time.monotonic() + self._seconds, body, etag)
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def drop(self) -> None:
        """Forgets everything."""
        self._generation += 1
        self._entries.clear()

    async def follow(self, broker: Broker) -> None:
        """Drops what changes, from the broker's live subjects; each replica hears all of them."""
        await broker.ready()

        async def changed(_: Msg) -> None:
            self.drop()

        await broker.client.subscribe("events.sojourn.catalog.v1.*", cb=changed)
