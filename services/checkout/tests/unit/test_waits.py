"""A call's waits share one time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from checkout.servicers.waits import Patience


@dataclass
class ACall:
    remaining_seconds: float


@dataclass
class Timepiece:
    seconds: float = 100.0

    def __call__(self) -> float:
        return self.seconds


def a_patience(*, most: float, deadline: float, timepiece: Timepiece) -> Patience:
    return Patience(most, cast(Any, ACall(deadline)), clock=timepiece)


def test_two_waits_take_no_longer_than_one() -> None:
    timepiece = Timepiece()
    patience = a_patience(most=10, deadline=15, timepiece=timepiece)
    timepiece.seconds += 10

    assert patience.seconds_left == 0


def test_what_is_left_of_the_caller_s_deadline_bounds_the_wait() -> None:
    timepiece = Timepiece()
    patience = a_patience(most=10, deadline=4, timepiece=timepiece)

    assert patience.seconds_left == pytest.approx(3.7)
    timepiece.seconds += 60
    assert patience.seconds_left == 0
