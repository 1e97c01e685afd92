"""Bounds what the bodies of all requests under way take in memory."""

from typing import Final

from chassis.errors import Unavailable

# What one address may hold of the budget, so that no stranger holds all of it.
_SHARE: Final = 4


class TooManyBodies(Unavailable):
    """The bodies of other requests take all the memory for bodies; a repeat is safe."""


class BodyBudget:
    """Bytes of bodies in flight, in all and per address."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._per_address: dict[str, int] = {}
        self.in_flight = 0

    def take(self, address: str, count: int) -> None:
        """Counts bytes that were received. Raises TooManyBodies where they are too many."""
        held = self._per_address.get(address, 0) + count
        if self.in_flight + count > self._most or held > self._most // _SHARE:
            raise TooManyBodies("too many bodies at once", retry_after_seconds=1)
        self.in_flight += count
        self._per_address[address] = held

    def give_back(self, address: str, count: int) -> None:
        """Counts bytes that are no longer held."""
        if not count:
            return
        self.in_flight -= count
        left = self._per_address.get(address, 0) - count
        if left > 0:
            self._per_address[address] = left
        else:
            self._per_address.pop(address, None)
