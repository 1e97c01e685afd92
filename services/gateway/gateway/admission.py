"""Admission: under overload the gateway refuses at once what a peer could only answer late, browsing first and orders last.

Each peer has a limit of calls in flight. It falls by a third when a short call takes longer than the target, and grows again while calls are
answered in time (additive increase, multiplicative decrease, as TCP does). Calls that place or end an order wait for banks, so that their
time says nothing about load: they have a fixed limit of their own, which no other call uses up.
"""

import random
import time
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, Final, TypeVar

from prometheus_client import Counter, Gauge

from chassis.errors import Unavailable
from gateway.settings import GatewaySettings

T = TypeVar("T")
refused_total = Counter("admission_refused_total", "calls refused because a peer has its most in flight", ["peer", "urgency"])
limit_calls = Gauge("admission_limit_calls", "calls that a peer may have in flight", ["peer"])


class Overloaded(Unavailable):
    """The shop has more to do than it can answer in time; nothing was changed. Repeat with the same key after `retry_after_seconds`."""


class Urgency(Enum):
    """Which calls go first. The value is the share of a peer's limit that calls of this urgency may fill."""

    ORDER = 0.0
    BUYING = 1.0
    BROWSING = 0.6


_ORDERS: Final = frozenset(
    {"CompleteCheckout", "ContinuePayment", "CancelOrder", "ReceiveWebhook", "RefundOrder", "CreateShipment", "MarkDelivered"}
)
_BUYING_SERVICES: Final = ("sojourn.cart.", "sojourn.checkout.", "sojourn.identity.")
# What takes long however idle the peer is; its time says nothing about load.
_LONG: Final = frozenset({"ImportProducts", "ImportCategories", "GetJourney", "GetFunnel", "RenderPage", "Reconcile", "Login", "Register"})
_LEAST_CALLS: Final = 4
_DECREASE: Final = 2 / 3


def urgency_of(path: str) -> Urgency:
    """Returns the urgency of a method by its full name, e.g. /sojourn.cart.v1.CartService/AddLine."""
    service, _, name = path.removeprefix("/").rpartition("/")
    if name in _ORDERS:
        return Urgency.ORDER
    return Urgency.BUYING if service.startswith(_BUYING_SERVICES) and name != "EstimateDelivery" else Urgency.BROWSING


class Admission:
    """Decides which calls go to one peer. Counts in this process: a fleet of n gateways lets up to n times as many through."""

    def __init__(self, peer: str, settings: GatewaySettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._peer, self._clock = peer, clock
        self._most, self._most_orders = float(settings.peer_calls), settings.peer_orders
        self._target_seconds = settings.peer_target_seconds
        self.limit = self._most
        self._in_flight = self._orders_in_flight = 0
        self._cut_at = clock()
        self._urgencies: dict[str, Urgency] = {}
        limit_calls.labels(peer).set(self.limit)

    async def call(self, path: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Returns what `ask` answers. Raises Overloaded without asking where the peer has its most in flight, and what `ask` raises."""
        urgency = self._urgencies.get(path) or self._urgencies.setdefault(path, urgency_of(path))
        if urgency is Urgency.ORDER:
            return await self._call_for_order(ask)
        if self._in_flight >= max(self.limit * urgency.value, 1):
            self._refuse(urgency)
        self._in_flight += 1
        began_at = self._clock()
        try:
            return await ask()
        finally:
            self._in_flight -= 1
            if path.rpartition("/")[2] not in _LONG:
                self._adapt(began_at)

    async def _call_for_order(self, ask: Callable[[], Awaitable[T]]) -> T:
        if self._orders_in_flight >= self._most_orders:
            self._refuse(Urgency.ORDER)
        self._orders_in_flight += 1
        try:
            return await ask()
        finally:
            self._orders_in_flight -= 1

    def _refuse(self, urgency: Urgency) -> None:
        refused_total.labels(self._peer, urgency.name.lower()).inc()
        # Spread, so that those who are refused together do not come back together.
        raise Overloaded("the shop is very busy", retry_after_seconds=random.randint(1, 3))

    def _adapt(self, began_at: float) -> None:
        now = self._clock()
        if now - began_at > self._target_seconds:
            # Calls that began before the last cut tell of the load before it.
            if began_at >= self._cut_at:
                self._cut_at = now
                self._set(max(self.limit * _DECREASE, _LEAST_CALLS))
        elif self.limit < self._most:
            self._set(min(self.limit + 1 / self.limit, self._most))

    def _set(self, limit: float) -> None:
        self.limit = limit
        limit_calls.labels(self._peer).set(limit)


def expect_refusals(peers: tuple[Any, ...]) -> None:
    """Creates the series of each peer at 0, because `increase()` ignores the first sample of a new series."""
    for peer in peers:
        for urgency in Urgency:
            refused_total.labels(peer, urgency.name.lower())
