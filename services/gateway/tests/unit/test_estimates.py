"""Delivery estimates are kept for all goods for which they hold."""

from typing import Any

import pytest

from chassis.testing import eur
from gateway import estimates
from gateway.estimates import Estimates
from sojourn.checkout.v1 import checkout_pb2 as pb


def keep(
    kept: Estimates,
    options: list[Any],
    *,
    channel: str = "app",
    mass: int = 500,
    amount: int = 10_00,
    **bounds: int,
) -> None:
    asked = pb.EstimateDeliveryRequest(mass_grams=mass, subtotal=eur(amount), channel=channel)
    kept.put(channel, asked, pb.EstimateDeliveryResponse(**bounds), options)


def test_an_estimate_holds_within_its_bounds_and_nowhere_else() -> None:
    kept = Estimates(seconds=60, entries=10)
    keep(
        kept,
        ["a"],
        mass_from_grams=0,
        mass_below_grams=2_001,
        subtotal_from_minor=0,
        subtotal_below_minor=75_00,
    )
    keep(
        kept,
        ["free"],
        mass_from_grams=0,
        mass_below_grams=2_001,
        subtotal_from_minor=75_00,
        subtotal_below_minor=0,
    )

    assert [kept.get("app", "EUR", mass, amount) for mass, amount in ((0, 0), (2_000, 74_99))] == [
        ["a"],
        ["a"],
    ]
    assert [kept.get("app", "EUR", 1, amount) for amount in (75_00, 10**12)] == [["free"], ["free"]]
    assert kept.get("app", "EUR", 2_001, 10) is None
    assert kept.get("app", "USD", 500, 10) is None
    assert kept.get("web", "EUR", 500, 10) is None


def test_a_checkout_that_names_no_bounds_is_asked_for_each_mass_and_amount() -> None:
    kept = Estimates(seconds=60, entries=10)
    keep(kept, ["a"], mass=500, amount=10_00)

    assert kept.get("app", "EUR", 500, 10_00) == ["a"]
    assert kept.get("app", "EUR", 501, 10_00) is None
    assert kept.get("app", "EUR", 500, 10_01) is None


def test_estimates_grow_old_and_never_many(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(estimates.time, "monotonic", lambda: now[0])
    kept, none = Estimates(seconds=60, entries=3), Estimates(seconds=0, entries=3)
    keep(kept, ["a"])
    keep(none, ["a"])
    assert none.get("app", "EUR", 500, 10_00) is None

    now[0] += 60
    assert kept.get("app", "EUR", 500, 10_00) is None
    for mass in range(4):
        keep(kept, [mass], mass=mass)
    assert [kept.get("app", "EUR", mass, 10_00) for mass in range(4)] == [None, None, None, [3]]


def test_estimates_that_are_too_old_take_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(estimates.time, "monotonic", lambda: now[0])
    kept = Estimates(seconds=60, entries=10)
    keep(kept, ["old"], channel="web")
    now[0] += 30
    keep(kept, ["young"])
    now[0] += 31

    kept.drop_expired()

    assert (len(kept), kept.get("app", "EUR", 500, 10_00)) == (1, ["young"])
