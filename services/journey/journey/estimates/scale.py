"""Scaling an answer about some people to all of them, with margins of error.

A field that has a neighbour `<field>_margin` is a count. Each person is in the sample with the
chance `share` and independently of the others: so the Horvitz-Thompson estimator of a count is
`count / share`, of variance `count * (1 - share) / share ** 2` where a person counts once, and the
design effect times as much where a person's touchpoints are drawn together. One is added to a count
in its margin, so that a small one has no margin of nothing.
"""

import math
from typing import Any, Final, TypeVar

from google.protobuf.message import Message

from journey.estimates.sample import SamplingStore

M = TypeVar("M", bound=Message)
# Of the normal distribution: 95 of 100 are within.
_Z: Final = 1.96
_MARGIN: Final = "_margin"
COUNTS_ONCE: Final = frozenset({"people", "returned"})
_TOUCHPOINTS: Final = "touchpoints"
_MONEY: Final = frozenset({"amount_minor", "gross_minor", "refunded_minor", "net_minor"})


def estimate(reply: M, store: SamplingStore, *, counts_once: frozenset[str] = frozenset()) -> M:
    """Returns the reply, scaled where the store read some people only.

    `counts_once` are fields in which a person counts once at most.
    """
    if store.read_share < 1:
        _Scale(store, COUNTS_ONCE | counts_once).scale(reply)
        answer: Any = reply
        answer.estimate.read_share = store.read_share
    return reply


def margin_of(count: float, share: float, design_effect: float = 1.0) -> float:
    """Returns half of the 95 % interval of a count that was found in a share of the people."""
    return _Z * math.sqrt((count + 1) * design_effect * (1 - share)) / share


class _Scale:
    """Scales messages by the share of people that a store read."""

    def __init__(self, store: SamplingStore, counts_once: frozenset[str]) -> None:
        self._store, self._share, self._counts_once = store, store.read_share, counts_once

    def scale(self, message: Message) -> None:
        """Scales all counts and money of a message and of those in it."""
        names = message.DESCRIPTOR.fields_by_name
        people = getattr(message, "people", 0)
        for field, value in message.ListFields():
            if field.message_type is not None:
                for one in value if field.is_repeated else [value]:
                    self.scale(one)
            elif field.name in _MONEY:
                setattr(message, field.name, round(value / self._share))
        for name in names:
            if name + _MARGIN in names:
                self._scale_count(message, name, people)

    def _scale_count(self, message: Message, name: str, people: int) -> None:
        found = getattr(message, name)
        if not isinstance(found, int | float):
            margins = getattr(message, name + _MARGIN)
            margins.extend(math.ceil(margin_of(one, self._share)) for one in found)
            found[:] = [round(one / self._share) for one in found]
            return
        margin = margin_of(found, self._share, self._design_effect(name, found, people))
        scaled = found / self._share
        if isinstance(found, int):
            margin, scaled = math.ceil(margin), round(scaled)
        setattr(message, name + _MARGIN, margin)
        setattr(message, name, scaled)

    def _design_effect(self, name: str, count: float, people: int) -> float:
        if name in self._counts_once:
            return 1.0
        if people and name == _TOUCHPOINTS:
            # As uneven among these people as among all.
            return max(count / people * self._store.unevenness, 1.0)
        return max(self._store.design_effect, 1.0)
