"""Limits of a fleet: replicas tell each other of heavy callers."""

import json
from typing import Any

import pytest

from gateway.http.fleet_counts import MOST_KEYS, FleetCounts
from gateway.http.limits import Limits
from gateway.http.problems import RateLimited
from gateway.settings import GatewaySettings

TARGETS = {
    f"{name}_target": "-"
    for name in ("catalog", "cart", "checkout", "identity", "journey", "notifications")
}


def a_replica(**settings: Any) -> tuple[Limits, FleetCounts]:
    limits = Limits(GatewaySettings(environment="development", **TARGETS, **settings))
    broker: Any = None
    return limits, FleetCounts(broker, limits)


def exchange(sender: FleetCounts, receiver: FleetCounts) -> None:
    if (message := sender.encode()) is not None:
        receiver.decode(message)


def test_a_caller_at_two_replicas_has_one_limit() -> None:
    (here, mine), (there, theirs) = (a_replica(rate_limit_per_minute=10) for _ in range(2))
    for _ in range(6):
        here.count_caller("/v1/carts", "ada")

    exchange(mine, theirs)

    for _ in range(4):
        there.count_caller("/v1/carts", "ada")
    with pytest.raises(RateLimited):
        there.count_caller("/v1/carts", "ada")
    assert there.remaining("caller", "ada").remaining == 0


def test_counts_of_others_are_not_told_again() -> None:
    (here, mine), (there, theirs) = (a_replica(rate_limit_per_minute=10) for _ in range(2))
    here.count_caller("/v1/carts", "ada")
    exchange(mine, theirs)

    assert theirs.encode() is None
    there.count_caller("/v1/carts", "ada")
    exchange(theirs, mine)

    assert here.remaining("caller", "ada").remaining == 8
    assert mine.encode() is None


def test_a_message_of_the_replica_itself_changes_nothing() -> None:
    here, mine = a_replica(rate_limit_per_minute=10)
    here.count_caller("/v1/carts", "ada")

    exchange(mine, mine)

    assert here.remaining("caller", "ada").remaining == 9


def test_light_callers_are_not_told() -> None:
    here, mine = a_replica(rate_limit_per_minute=100)
    for _ in range(4):
        here.count_caller("/v1/carts", "ada")

    assert mine.encode() is None
    here.count_caller("/v1/carts", "ada")
    assert json.loads(mine.encode() or b"")["counts"] == [["caller", "ada", 5]]


def test_a_message_has_a_bounded_number_of_callers_and_the_rest_comes_next() -> None:
    here, mine = a_replica(rate_limit_per_minute=1)
    for number in range(MOST_KEYS + 1):
        here.count_caller("/v1/carts", str(number))

    assert len(json.loads(mine.encode() or b"")["counts"]) == MOST_KEYS
    assert len(json.loads(mine.encode() or b"")["counts"]) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"{}",
        b"[]",
        b'{"replica": "x"}',
        b'{"replica": "x", "counts": 7}',
        b'{"replica": "x", "counts": [["caller", "ada"]]}',
        b'{"replica": "x", "counts": [["caller", "ada", "much"]]}',
        b'{"replica": "x", "counts": [["caller", "ada", -5]]}',
        b'{"replica": "x", "counts": [["no such limit", "ada", 5]]}',
    ],
)
def test_a_message_that_cannot_be_read_changes_nothing(data: bytes) -> None:
    here, mine = a_replica(rate_limit_per_minute=10)

    mine.decode(data)

    assert here.remaining("caller", "ada").remaining == 10
