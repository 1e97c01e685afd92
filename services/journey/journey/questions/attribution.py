"""Attribution: which touches brought an order, and how much of its money.

A touch is the first touchpoint of a session, or a later one with a campaign or a click id of its
own. Its value is the column that is asked for; a touch without one is direct, and gets credit only
where an order has no other touch, as in Google Analytics 4. Touches count from the lookback before
the order up to the order.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

import numpy as np

from journey.questions import orders, sessions
from journey.questions.credits import markov_shares, shapley_shares, split
from journey.store.batch import Batch, Mask

DIRECT: Final = ""
# Touches of one order that get credit: its newest.
MOST_TOUCHES: Final = 100
# Half of the credit is lost in so many days: Google Analytics' model of the same name.
HALF_LIFE_DAYS: Final = 7
_DAY: Final = 86_400_000_000
# The first and the last touch get so much each, and those between share the rest.
_END_SHARE: Final = 0.4


class Model(StrEnum):
    """Models of attribution.

    Position gives the first and the last touch 40 % each. Time decay halves a touch's part every 7
    days before the order. Markov is by removal effects (Anderl et al. 2014), Shapley by the sets of
    values on the way to an order (Zhao et al. 2018).
    """

    FIRST = "first"
    LAST = "last"
    LINEAR = "linear"
    POSITION = "position"
    TIME_DECAY = "time_decay"
    MARKOV = "markov"
    SHAPLEY = "shapley"


@dataclass(frozen=True, slots=True)
class Credit:
    """A value's part of the orders of a currency, and of their money net of refunds."""

    value: str
    currency: str
    orders: float
    net_minor: int


@dataclass(frozen=True, slots=True)
class Attributed:
    """Credits, the largest first, and what they sum up to: each order once, to the cent."""

    credits: list[Credit]
    orders: int
    net_minor: dict[str, int]


class Attribution:
    """Gives the counted orders' money to the touches before them."""

    reads_later = True

    def __init__(self, model: Model, by: str, lookback: timedelta) -> None:
        self._model, self._by, self.before = model, by, lookback
        self._lookback = int(lookback.total_seconds() * 1_000_000)
        self._orders: Counter[str] = Counter()
        self._net: Counter[str] = Counter()
        self._order_parts: dict[tuple[str, str], float] = defaultdict(float)
        self._net_parts: Counter[tuple[str, str]] = Counter()
        # By way to an order: how many, and their money by currency.
        self._ways: Counter[tuple[str, ...]] = Counter()
        self._way_orders: Counter[tuple[tuple[str, ...], str]] = Counter()
        self._way_net: Counter[tuple[tuple[str, ...], str]] = Counter()
        # Ways of people who bought nothing: Markov's chain needs them.
        self._lost: Counter[tuple[str, ...]] = Counter()

    @property
    def columns(self) -> frozenset[str]:
        return orders.COLUMNS | sessions.COLUMNS | {self._by, "utm_source", "click_id"}

    def add(self, batch: Batch, counted: Mask) -> None:
        placed = orders.orders_of(batch, counted)
        touches = _touches(batch)
        texts = batch.texts[self._by]
        buyers = set()
        for place, net, currency in zip(
            placed.places.tolist(), placed.net_minor.tolist(), placed.currencies, strict=True
        ):
            person = int(np.searchsorted(batch.starts, place, side="right")) - 1
            buyers.add(person)
            first, last = np.searchsorted(touches, [batch.starts[person], place + 1])
            chosen = touches[first:last]
            chosen = chosen[batch.at[chosen] >= batch.at[place] - self._lookback][-MOST_TOUCHES:]
            values = texts.take(chosen)
            ages = (batch.at[place] - batch.at[chosen]).tolist()
            known = [(v, age) for v, age in zip(values, ages, strict=True) if v != DIRECT]
            known = known or [(DIRECT, 0)]
            self._orders[currency] += 1
            self._net[currency] += net
            self._take([value for value, _ in known], [age for _, age in known], net, currency)
        if self._model is Model.MARKOV:
            self._add_lost(batch, counted, touches, buyers)

    def _take(self, way: Sequence[str], ages: Sequence[int], net: int, currency: str) -> None:
        if self._model in (Model.MARKOV, Model.SHAPLEY):
            key = tuple(way)
            self._ways[key] += 1
            self._way_orders[key, currency] += 1
            self._way_net[key, currency] += net
            return
        weights = _weights(self._model, ages)
        whole = sum(weights)
        for value, weight, money in zip(way, weights, split(net, weights), strict=True):
            self._order_parts[value, currency] += weight / whole
            self._net_parts[value, currency] += money

    def _add_lost(
        self,
        batch: Batch,
        counted: Mask,
        touches: "np.ndarray[tuple[int], np.dtype[np.int64]]",
        buyers: set[int],
    ) -> None:
        person = batch.person
        chosen = touches[counted[touches]]
        ways: dict[int, list[str]] = defaultdict(list)
        values = batch.texts[self._by].take(chosen)
        for who, value in zip(person[chosen].tolist(), values, strict=True):
            if who not in buyers and value != DIRECT:
                ways[who].append(value)
        self._lost.update(tuple(way[-MOST_TOUCHES:]) for way in ways.values())

    def answer(self) -> Attributed:
        if self._model is Model.MARKOV:
            self._share(markov_shares(self._ways, self._lost))
        elif self._model is Model.SHAPLEY:
            self._share_ways()
        credits = [
            Credit(value, currency, parts, self._net_parts[value, currency])
            for (value, currency), parts in self._order_parts.items()
            if parts or self._net_parts[value, currency]
        ]
        credits.sort(key=lambda one: (-one.net_minor, -one.orders, one.value, one.currency))
        return Attributed(credits, self._orders.total(), dict(self._net))

    def _share(self, shares: dict[str, float]) -> None:
        """Gives every currency's whole by the same shares."""
        for currency, number in self._orders.items():
            parts = split(self._net[currency], list(shares.values()))
            for (value, share), money in zip(shares.items(), parts, strict=True):
                self._order_parts[value, currency] += number * share
                self._net_parts[value, currency] += money

    def _share_ways(self) -> None:
        """Gives each way's whole to its values alike: Shapley's value of sums over sets."""
        for (way, currency), number in self._way_orders.items():
            shares = shapley_shares(way)
            parts = split(self._way_net[way, currency], list(shares.values()))
            for (value, share), money in zip(shares.items(), parts, strict=True):
                self._order_parts[value, currency] += number * share
                self._net_parts[value, currency] += money


def _touches(batch: Batch) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Returns the touchpoints that are touches, in order."""
    of_session = sessions.sessions_of(batch)
    own = batch.texts["source"].where(lambda source: source != "event")
    inside = np.flatnonzero(of_session != sessions.NO_SESSION)
    begins = np.zeros(len(batch), dtype=np.bool_)
    begins[inside] = np.diff(of_session[inside], prepend=-1) > 0
    brought = batch.texts["utm_source"].given | batch.texts["click_id"].given
    return np.flatnonzero(own & (begins | brought))


def _weights(model: Model, ages: Sequence[int]) -> list[float]:
    """Returns the weight of each touch of an order, in their order."""
    count = len(ages)
    match model:
        case Model.FIRST:
            return [1.0] + [0.0] * (count - 1)
        case Model.LAST:
            return [0.0] * (count - 1) + [1.0]
        case Model.POSITION if count > 2:
            between = (1 - 2 * _END_SHARE) / (count - 2)
            return [_END_SHARE, *[between] * (count - 2), _END_SHARE]
        case Model.TIME_DECAY:
            return [2.0 ** -(age / (HALF_LIFE_DAYS * _DAY)) for age in ages]
        case _:
            return [1.0] * count
