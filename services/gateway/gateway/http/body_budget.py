"""Bounds the memory that the bodies of all requests under way take."""

import contextlib
from collections.abc import Iterator
from typing import Final

from starlette.types import Message, Receive

from chassis.rpc.errors import Unavailable
from gateway.http.problems import BodyTooLarge

# The part of the budget that one address may hold, so that no stranger holds all of it.
_SHARE: Final = 4
# What shoppers send to buy is smaller.
SMALL_BYTES: Final = 16 * 1024


class TooManyBodies(Unavailable):
    """The bodies of other requests take all the memory for bodies; a repeat is safe."""


class _Pool:
    """Bytes in use, in all and per address."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._per_address: dict[str, int] = {}
        self.in_use = 0

    def take(self, address: str, count: int) -> bool:
        """Counts bytes. Returns False, and counts none, where they are too many."""
        held = self._per_address.get(address, 0) + count
        if self.in_use + count > self._most or held > self._most // _SHARE:
            return False
        self.in_use += count
        self._per_address[address] = held
        return True

    def give_back(self, address: str, count: int) -> None:
        """Counts bytes that are no longer held."""
        if not count:
            return
        self.in_use -= count
        left = self._per_address.get(address, 0) - count
        if left > 0:
            self._per_address[address] = left
        else:
            self._per_address.pop(address, None)


class BodyBudget:
    """The memory for bodies: one pool for all, and a reserve for small ones only."""

    def __init__(self, most_bytes: int, *, small_bytes: int) -> None:
        self.main, self.small = _Pool(most_bytes), _Pool(small_bytes)

    @property
    def in_flight(self) -> int:
        """Bytes of bodies in memory."""
        return self.main.in_use + self.small.in_use

    @contextlib.contextmanager
    def reading(self, receive: Receive, address: str, *, most_bytes: int) -> Iterator[Receive]:
        """Yields a `receive` that counts a body while it is in memory.

        It raises BodyTooLarge beyond `most_bytes`, and TooManyBodies.
        """
        body = BodyInFlight(self, address)

        async def receive_bounded() -> Message:
            message = await receive()
            if size := len(message.get("body", b"")):
                if body.held + size > most_bytes:
                    raise BodyTooLarge("the body is too large", most_bytes=most_bytes)
                body.take(size)
            return message

        try:
            yield receive_bounded
        finally:
            body.give_back()


class BodyInFlight:
    """The bytes of one request's body that are in memory."""

    def __init__(self, budget: BodyBudget, address: str) -> None:
        self._budget, self._address = budget, address
        self._pool = budget.small
        self.held = 0

    def take(self, count: int) -> None:
        """Counts received bytes: in the reserve while the body is small and the reserve has room.

        Raises TooManyBodies.
        """
        held = self.held + count
        if self._pool is self._budget.small:
            if held <= SMALL_BYTES and self._pool.take(self._address, count):
                self.held = held
                return
            # All of it moves: the reserve is for bodies that stay small.
            self._move(held)
        elif not self._pool.take(self._address, count):
            raise _too_many()
        self.held = held

    def give_back(self) -> None:
        """Counts the body as gone."""
        self._pool.give_back(self._address, self.held)
        self.held = 0

    def _move(self, held: int) -> None:
        if not self._budget.main.take(self._address, held):
            raise _too_many()
        self._pool.give_back(self._address, self.held)
        self._pool = self._budget.main


def _too_many() -> TooManyBodies:
    return TooManyBodies("too many bodies at once", retry_after_seconds=1)
