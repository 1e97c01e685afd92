"""Admission: under overload the gateway refuses at once, browsing first and orders last.

Each peer has a limit of calls in flight. It falls by a third when a short call takes longer than
the target, and grows while calls are answered in time (additive increase, multiplicative decrease,
as TCP does). Calls that place or end an order wait for banks, so that their time says nothing about
load: they have a fixed limit of their own, which no other call uses up. So have calls that hash
passwords, which a flood of logins would else let wait before guests and refreshes. Repeats of one
of them share its answer, and one caller has at most a quarter of the places, so that nobody who
taps again and again takes them from others.
"""

import asyncio
import contextvars
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeVar

import prometheus_client

from chassis.rpc.errors import Unavailable
from gateway.settings import GatewaySettings

T = TypeVar("T")
refused_total = prometheus_client.Counter(
    "admission_refused_total",
    "calls refused because a peer has its most in flight",
    ["peer", "urgency"],
)
limit_calls = prometheus_client.Gauge(
    "admission_limit_calls", "calls that a peer may have in flight", ["peer"]
)


class Overloaded(Unavailable):
    """The shop has more to do than it can answer in time; nothing was changed.

    Repeat with the same key after `retry_after_seconds`.
    """


class Urgency(Enum):
    """Urgency of calls.

    The value is the share of a peer's limit that calls of this urgency may fill.
    """

    ORDER = 0.0
    PASSWORD = -1.0
    BUYING = 1.0
    BROWSING = 0.6


_ORDERS: Final = frozenset(
    {
        "CompleteCheckout",
        "PlaceQuickOrder",
        "ContinuePayment",
        "CancelOrder",
        "RefundOrder",
        "CreateShipment",
        "MarkDelivered",
    }
)
_BUYING_SERVICES: Final = ("sojourn.cart.", "sojourn.checkout.", "sojourn.identity.")
_PASSWORDS: Final = frozenset({"Login", "Register", "ConfirmEmail"})
# What takes long however idle the peer is; its time says nothing about load.
_LONG: Final = frozenset(
    {
        "ImportProducts", "ImportCategories", "GetJourney", "GetFunnel", "Reconcile", "GetTrend",
        "GetPaths", "GetRetention", "GetAttribution", "GetStepFunnel", "ListFunnelPeople",
        "GetMapNumbers", "ListMapPeople", "GetVocabulary",
    }
)  # fmt: skip
# While a peer answers in time, its limit grows to so many times the setting.
_MOST_GROWTH: Final = 4
_LEAST_CALLS: Final = 4
_DECREASE: Final = 2 / 3
# After a refusal for load the shop counts as overloaded for so long.
_OVERLOAD_SECONDS: Final = 2.0


def urgency_of(path: str) -> Urgency:
    """Returns a method's urgency by full name, e.g. /sojourn.cart.v1.CartService/AddLine."""
    service, _, name = path.removeprefix("/").rpartition("/")
    if name in _ORDERS:
        return Urgency.ORDER
    if name in _PASSWORDS:
        return Urgency.PASSWORD
    return (
        Urgency.BUYING
        if service.startswith(_BUYING_SERVICES) and name != "EstimateDelivery"
        else Urgency.BROWSING
    )


@dataclass(frozen=True, slots=True)
class OrderCall:
    """Identifies a call that places or ends an order: repeats are equal.

    `caller` is the value of the authorization header.
    """

    caller: str
    path: str
    key: str
    request: bytes


class Admission:
    """Decides which calls go to one peer.

    Counts in this process: a fleet of n gateways lets up to n times as many through.
    """

    def __init__(
        self, peer: str, settings: GatewaySettings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._peer, self._clock = peer, clock
        self._most, self._most_orders = (
            float(settings.peer_calls * _MOST_GROWTH),
            settings.peer_orders,
        )
        self._most_passwords = settings.peer_passwords
        self._target_seconds = settings.peer_target_seconds
        self.limit = float(settings.peer_calls)
        self._in_flight = self._passwords_in_flight = 0
        self._orders: dict[OrderCall, asyncio.Task[Any]] = {}
        self._orders_of: Counter[str] = Counter()
        self._cut_at = clock()
        self._refused_at = -_OVERLOAD_SECONDS
        self._urgencies: dict[str, Urgency] = {}
        self._gauge = limit_calls.labels(peer)
        self._gauge.set(self.limit)

    @property
    def is_overloaded(self) -> bool:
        """Whether browsing or buying was refused for load in the last two seconds."""
        return self._clock() - self._refused_at < _OVERLOAD_SECONDS

    def urgency_of(self, path: str) -> Urgency:
        """Returns the urgency of a method, which is looked up once."""
        return self._urgencies.get(path) or self._urgencies.setdefault(path, urgency_of(path))

    def require_room(self, path: str, caller: str) -> None:
        """Raises Overloaded where a call would certainly be refused, before its body is read.

        `caller` is the value of the authorization header: a repeat of an order that is being
        placed shares its answer, and takes no room.
        """
        match urgency := self.urgency_of(path):
            case Urgency.ORDER:
                has_room = len(self._orders) < self._most_orders or caller in self._orders_of
            case Urgency.PASSWORD:
                has_room = self._passwords_in_flight < self._most_passwords
            case _:
                has_room = self._has_room(urgency)
        if not has_room:
            self._refuse(urgency)

    async def call(self, path: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Returns what `ask` answers.

        Raises Overloaded without asking where the peer has its most in flight, and what `ask`
        raises.
        """
        urgency = self.urgency_of(path)
        if urgency is Urgency.PASSWORD:
            return await self._call_with_password(ask)
        if not self._has_room(urgency):
            self._refuse(urgency)
        self._in_flight += 1
        began_at = self._clock()
        try:
            return await ask()
        finally:
            self._in_flight -= 1
            if path.rpartition("/")[2] not in _LONG:
                self._adapt(began_at)

    async def _call_with_password(self, ask: Callable[[], Awaitable[T]]) -> T:
        if self._passwords_in_flight >= self._most_passwords:
            self._refuse(Urgency.PASSWORD)
        self._passwords_in_flight += 1
        try:
            return await ask()
        finally:
            self._passwords_in_flight -= 1

    async def call_for_order(
        self, call: OrderCall, ask: Callable[[], Awaitable[T]]
    ) -> tuple[T, bool]:
        """Returns the answer of `ask`, and whether an equal call in flight gave it.

        The call goes on when its client leaves. Raises Overloaded where all places for orders, or
        the caller's share, are taken, and what `ask` raises.
        """
        if (task := self._orders.get(call)) is not None:
            return await asyncio.shield(task), True
        if len(self._orders) >= self._most_orders or self._orders_of[call.caller] >= max(
            self._most_orders // 4, 1
        ):
            self._refuse(Urgency.ORDER)
        task = self._orders[call] = asyncio.create_task(
            _awaited(ask), context=contextvars.copy_context()
        )
        self._orders_of[call.caller] += 1
        task.add_done_callback(lambda done: self._end_order(call, done))
        return await asyncio.shield(task), False

    def _end_order(self, call: OrderCall, task: asyncio.Task[Any]) -> None:
        del self._orders[call]
        self._orders_of[call.caller] -= 1
        if not self._orders_of[call.caller]:
            del self._orders_of[call.caller]
        if not task.cancelled():
            # Its client may have left: an error that nobody hears of any more is no defect.
            task.exception()

    def _has_room(self, urgency: Urgency) -> bool:
        return self._in_flight < max(self.limit * urgency.value, 1)

    def _refuse(self, urgency: Urgency) -> None:
        refused_total.labels(self._peer, urgency.name.lower()).inc()
        # Places for orders and passwords fill up by slow banks and by floods of logins too.
        if urgency in (Urgency.BUYING, Urgency.BROWSING):
            self._refused_at = self._clock()
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
        self._gauge.set(limit)


async def _awaited(ask: Callable[[], Awaitable[T]]) -> T:
    return await ask()


def expect_refusals(peers: tuple[Any, ...]) -> None:
    """Creates each peer's series at 0: `increase()` ignores the first sample of a new series."""
    for peer in peers:
        for urgency in Urgency:
            refused_total.labels(peer, urgency.name.lower())
