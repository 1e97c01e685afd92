"""Changes of days are told where they are significant, and for whom."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest

from journey.insights.actions import days_to_judge
from journey.insights.detect import Change, audience_of, judge
from journey.insights.model import Audience, InsightSettings, Measure, Met, Tally
from journey.insights.worth import worth_of
from journey.questions.analyses.pains import Met as PainMet
from journey.questions.analyses.pains import Pain

USUAL = InsightSettings(version=0)


def counts(*numbers: int) -> list[Tally]:
    return [Tally(number) for number in numbers]


def rates(*pairs: tuple[int, int]) -> list[Tally]:
    return [Tally(n, k) for n, k in pairs]


def change_of(measure: Measure, actual: Tally, before: list[Tally]) -> Change | None:
    return judge("buy", measure, actual, before, USUAL)


@pytest.mark.parametrize(
    ("actual", "before", "is_told"),
    [
        (Tally(500), counts(990, 1000, 1010, 1005), True),
        (Tally(980), counts(990, 1000, 1010, 1005), False),
        (Tally(500), counts(990, 1000, 1010), False),
        (Tally(3), counts(9, 10, 11, 9, 12), False),
        (Tally(0), counts(200, 210, 190, 205), True),
        (Tally(500), counts(200, 1800, 900, 1500, 400), False),
    ],
    ids=["a fall", "as usual", "too new", "too few", "gone", "it always varies"],
)
def test_a_count_far_from_those_of_the_weeks_before_is_told(
    actual: Tally, before: list[Tally], is_told: bool
) -> None:
    assert (change_of(Measure.COUNT, actual, before) is not None) is is_told


@pytest.mark.parametrize(
    ("actual", "before", "is_told"),
    [
        (Tally(1000, 60), rates((1000, 20), (900, 19), (1100, 21), (950, 18)), True),
        (Tally(1000, 25), rates((1000, 20), (900, 19), (1100, 21), (950, 18)), False),
        (Tally(1000, 30), rates((900, 0), (900, 0), (900, 0), (900, 0)), True),
        (Tally(1000, 1), rates((900, 0), (900, 0), (900, 0), (900, 0)), False),
        (Tally(20, 20), rates((900, 0), (900, 0), (900, 0), (900, 0)), False),
        (Tally(1000, 60), rates((1000, 20), (0, 0), (0, 0), (950, 18)), False),
    ],
    ids=["more errors", "by chance", "the first errors", "one error", "too few", "too new"],
)
def test_a_share_beyond_what_varies_by_chance_is_told(
    actual: Tally, before: list[Tally], is_told: bool
) -> None:
    assert (change_of(Measure.ERRORS, actual, before) is not None) is is_told


def test_days_that_differ_by_chance_alone_are_seldom_told() -> None:
    seed = random.Random(5)

    def day() -> Tally:
        return Tally(400, sum(seed.random() < 0.1 for _ in range(400)))

    told = [
        change_of(Measure.CONVERSION, day(), [day() for _ in range(8)]) is not None
        for _ in range(200)
    ]

    assert sum(told) <= 4


def test_the_value_that_carries_a_fall_is_named() -> None:
    usual = {"device": {"phone": (500, 50), "desktop": (500, 50)}, "channel": {"web": (1000, 100)}}
    actual = {"device": {"phone": (500, 10), "desktop": (500, 49)}, "channel": {"web": (1000, 59)}}
    before = [Tally(1000, 100, usual) for _ in range(4)]
    change = change_of(Measure.CONVERSION, Tally(1000, 59, actual), before)
    assert change is not None

    found = audience_of(change, Tally(1000, 59, actual), before)

    assert (found.dimension, found.value) == ("device", "phone")
    assert found.share == pytest.approx(40 / 41)


def test_a_fall_that_is_alike_for_all_names_nobody() -> None:
    usual = {"device": {"phone": (500, 0), "desktop": (500, 0)}}
    actual = {"device": {"phone": (250, 0), "desktop": (250, 0)}}
    before = [Tally(1000, 0, usual) for _ in range(4)]
    change = change_of(Measure.PEOPLE, Tally(500, 0, actual), before)
    assert change is not None

    assert audience_of(change, Tally(500, 0, actual), before) == Audience()


def test_a_value_that_is_gone_is_named() -> None:
    usual = {"channel": {"web": (500, 0), "app": (500, 0)}}
    actual = {"channel": {"web": (500, 0)}}
    before = [Tally(1000, 0, usual) for _ in range(4)]
    change = change_of(Measure.PEOPLE, Tally(500, 0, actual), before)
    assert change is not None

    assert audience_of(change, Tally(500, 0, actual), before) == Audience("channel", "app", 1.0)


def test_people_who_are_missing_are_worth_what_others_ordered() -> None:
    before = [Tally(1000, 100, money={"EUR": 500_000}) for _ in range(4)]
    people = Change("look", Measure.PEOPLE, 600, 1000, -9, 600)
    went_on = Change("look", Measure.CONVERSION, 0.05, 0.1, -9, 1000)

    # Each of 1,000 people brought 500, and each of the 100 who went on 5,000.
    assert worth_of(people, Tally(600), before, []).likely == {"EUR": 200_000}
    assert worth_of(went_on, Tally(1000, 50), before, []).likely == {"EUR": 250_000}


def test_failures_are_worth_the_part_of_the_pains_beyond_the_usual() -> None:
    pain = Pain(
        "order.place", "refused", "DECLINED", PainMet(9, 8, 0, 1), 0.5, {"EUR": 900}, {"EUR": 300}
    )
    rise = Change("buy", Measure.ERRORS, 0.3, 0.1, 9, 100)
    fall = Change("buy", Measure.ERRORS, 0.1, 0.3, -9, 100)

    found = worth_of(rise, Tally(100, 30), [], [pain])

    assert (found.likely, found.at_most) == ({"EUR": 200}, {"EUR": 600})
    assert [one.reason for one in found.pains] == ["DECLINED"]
    assert worth_of(fall, Tally(100, 10), [], [pain]).likely == {}


def test_slowness_is_worth_what_slow_people_bought_less_often() -> None:
    met = Met(people=100, bought=10, usual_people=100, usual_bought=30)
    actual = Tally(200, 100, orders=40, money={"EUR": 400_000}, met=met)
    rise = Change("pay", Measure.SLOWNESS, 0.5, 0.25, 9, 200)

    found = worth_of(rise, actual, [], [])

    # 20 orders of 10,000 are missing, half of them beyond what is usual.
    assert (found.likely, found.at_most) == ({"EUR": 100_000}, {"EUR": 450_000})


def test_days_that_are_over_are_judged_in_order_and_once() -> None:
    now = datetime(2026, 3, 10, 1, tzinfo=UTC)

    assert days_to_judge(None, now, first=2, most=28) == [date(2026, 3, 8), date(2026, 3, 9)]
    assert days_to_judge(date(2026, 3, 9), now, first=2, most=28) == []
    assert len(days_to_judge(date(2025, 3, 9), now, first=2, most=28)) == 28
