"""The money of a change: at risk, or won by one that is good. All of it is an estimate.

People who are missing are worth what those of the days before ordered on average. Failures are
worth what the pains of the day say, slowness what people who met it bought less often than others
of the same day; of both only the part beyond what was expected.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from journey.insights.detect import Change
from journey.insights.model import Measure, PainBehind, Tally
from journey.questions.analyses.pains import Pain

MOST_PAINS: Final = 3


@dataclass(frozen=True, slots=True)
class Worth:
    """Money of one day in minor units by currency, and the pains that may have lost most."""

    likely: dict[str, int] = field(default_factory=dict)
    at_most: dict[str, int] = field(default_factory=dict)
    pains: list[PainBehind] = field(default_factory=list)


def worth_of(
    change: Change, actual: Tally, before: Sequence[Tally], pains: Sequence[Pain]
) -> Worth:
    """Returns the money of a change on its day; `pains` are those of the stage."""
    behind = [] if change.is_rise is change.measure.good_rise else _worst(pains)
    match change.measure:
        case Measure.PEOPLE:
            people = sum(one.n for one in before)
            missing = abs(change.actual - change.expected)
            return Worth(_scaled(_sum(one.money for one in before), missing, people), {}, behind)
        case Measure.CONVERSION:
            people = sum(one.k for one in before)
            missing = abs(change.actual - change.expected) * actual.n
            return Worth(_scaled(_sum(one.money for one in before), missing, people), {}, behind)
        case Measure.ERRORS:
            if not change.is_rise:
                return Worth()
            likely = _scaled(_sum(one.likely_minor for one in pains), change.excess, 1)
            at_most = _scaled(_sum(one.at_most_minor for one in pains), change.excess, 1)
            return Worth(likely, at_most, behind)
        case Measure.SLOWNESS:
            return _worth_of_slowness(change, actual)
        case Measure.COUNT:
            return Worth()


def _worth_of_slowness(change: Change, actual: Tally) -> Worth:
    met = actual.met
    if not change.is_rise or met is None or not actual.orders:
        return Worth()
    usual = met.usual_bought / met.usual_people if met.usual_people else 0.0
    missing = max(0.0, usual * met.people - met.bought)
    return Worth(
        _scaled(actual.money, missing * change.excess, actual.orders),
        _scaled(actual.money, (met.people - met.bought) * change.excess, actual.orders),
    )


def _worst(pains: Sequence[Pain]) -> list[PainBehind]:
    return [
        PainBehind(
            one.kind,
            one.outcome,
            one.reason,
            one.met.people,
            dict(one.at_most_minor),
            dict(one.likely_minor),
        )
        for one in pains[:MOST_PAINS]
    ]


def _sum(parts: Iterable[dict[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts:
        for currency, amount in part.items():
            found[currency] = found.get(currency, 0) + amount
    return found


def _scaled(money: dict[str, int], times: float, per: float) -> dict[str, int]:
    if not per:
        return {}
    found = {name: round(amount * times / per) for name, amount in sorted(money.items())}
    return {name: amount for name, amount in found.items() if amount}


def added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    """Returns both amounts together."""
    return _sum((one, other))
