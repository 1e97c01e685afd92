"""Shares of credit: exact splits of money, removal effects, Shapley values."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

_START: Final = 0
_ORDER: Final = 1
_NOTHING: Final = 2
_FIRST_VALUE: Final = 3


def split(whole: int, weights: Sequence[float]) -> list[int]:
    """Returns parts of a whole by weights, by the largest remainder: they sum up to it.

    Equal remainders go to the first.
    """
    total = sum(weights)
    if total <= 0:
        return [whole, *[0] * (len(weights) - 1)] if weights else []
    exact = [whole * weight / total for weight in weights]
    parts = [int(part // 1) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: whole - sum(parts)]:
        parts[place] += 1
    return parts


def shapley_shares(way: Sequence[str]) -> dict[str, float]:
    """Returns each value's share of a way's orders.

    The worth of a set of values is the orders whose values are all in it. Of such a game the
    Shapley value gives each order to its different values alike.
    """
    values = list(dict.fromkeys(way))
    return {value: 1 / len(values) for value in values}


def markov_shares(
    bought: Mapping[tuple[str, ...], int], lost: Mapping[tuple[str, ...], int]
) -> dict[str, float]:
    """Returns each value's share by its removal effect, in the chain of first order.

    The removal effect is the part of the chain's orders that is lost where the value leads nowhere.
    Where no value has an effect, all have the same share.
    """
    values = list(dict.fromkeys(value for way in bought for value in way))
    if not values:
        return {}
    chain = _chain(values, bought, lost)
    whole = _chance(chain)
    effects = []
    for place in range(len(values)):
        without = chain.copy()
        without[_FIRST_VALUE + place] = 0
        without[_FIRST_VALUE + place, _NOTHING] = 1
        effects.append(max(1 - _chance(without) / whole, 0.0) if whole > 0 else 0.0)
    total = sum(effects)
    if total <= 0:
        return dict.fromkeys(values, 1 / len(values))
    return {value: effect / total for value, effect in zip(values, effects, strict=True)}


def _chain(
    values: Sequence[str],
    bought: Mapping[tuple[str, ...], int],
    lost: Mapping[tuple[str, ...], int],
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Returns the chances from each state to each: start, order, nothing, and the values.

    Values that never led to an order have no state of their own: their steps are left out.
    """
    places = {value: _FIRST_VALUE + number for number, value in enumerate(values)}
    steps: dict[tuple[int, int], int] = defaultdict(int)
    for ways, end in ((bought, _ORDER), (lost, _NOTHING)):
        for way, number in ways.items():
            states = [_START, *(places[value] for value in way if value in places), end]
            for step in pairwise(states):
                steps[step] += number
    chain = np.zeros((len(values) + _FIRST_VALUE, len(values) + _FIRST_VALUE))
    for (before, after), number in steps.items():
        chain[before, after] = number
    sums = chain.sum(axis=1, keepdims=True)
    np.divide(chain, sums, out=chain, where=sums > 0)
    return chain


def _chance(chain: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> float:
    """Returns the chance that the chain ends in an order: of an absorbing chain, solved exactly."""
    inner = [_START, *range(_FIRST_VALUE, len(chain))]
    among = chain[np.ix_(inner, inner)]
    chances = np.linalg.solve(np.eye(len(inner)) - among, chain[inner, _ORDER])
    return float(chances[0])
