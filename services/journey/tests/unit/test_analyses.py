"""Each analysis against a plain recomputation in Python, over random histories."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from journey.maps.rules import Condition, Rule
from journey.questions.analyses.lifetime_value import LifetimeValue
from journey.questions.analyses.pains import Pains
from journey.questions.analyses.products import ProductColumns, Products, parse_products
from journey.questions.analyses.searches import SearchTerms
from journey.questions.analyses.step_times import StepTimes
from journey.questions.calendar import Interval
from journey.questions.funnels import FunnelOptions, Order
from services.journey.tests.histories import (
    Row,
    a_history,
    answer_of,
    by_person,
    plain_sessions,
)
from services.journey.tests.journey_world import at

SEEDS = range(25)
DAY = 86_400
KINDS = ("product.view", "search", "cart.line_added", "order.placed", "order.refunded", "page.view")
LATER = at(100 * DAY)


def is_kind(kind: str) -> tuple[Rule, ...]:
    return (Rule((Condition("kind", any_of=(kind,)),)),)


def a_shop(seed: int) -> list[Row]:
    """Returns a random history with products, searches and failures."""
    draw = random.Random(seed)
    rows = []
    for number, row in enumerate(a_history(seed, most_rows=90)):
        kind = draw.choice(KINDS)
        facts: dict[str, Any] = {
            **row.facts,
            "source": "event" if kind.startswith("order.") else "gateway",
            "outcome": draw.choice(["ok", "ok", "refused", "error"]),
            "reason": draw.choice(["", "X", "Y"]),
            "subject": draw.choice(["tent", "stove", ""]),
            "property:product_slug": draw.choice(["tent", "stove", ""]),
            "property:term": draw.choice(["tea", "tent", ""]) if kind == "search" else "",
            "property:results": draw.choice(["", "0", "7"]) if kind == "search" else "",
        }
        if kind == "order.placed":
            facts |= {
                "subject": f"{row.person} {number}",
                "outcome": "ok",
                "amount_minor": draw.choice([None, 100, 1999]),
                "currency": draw.choice(["EUR", "JPY"]),
                "property:products": draw.choice(["tent", "tent:100 stove:899", "stove:5", ""]),
            }
        if kind == "order.refunded":
            facts |= {
                "subject": f"{row.person} {draw.randrange(number + 1)}",
                "amount_minor": 50,
                "currency": "EUR",
            }
        rows.append(replace(row, kind=kind, facts=facts))
    return rows


@pytest.mark.parametrize("begins", ["", "search"])
@pytest.mark.parametrize("seed", SEEDS)
def test_lifetime_value_sums_up_the_orders_of_a_cohort(seed: int, begins: str) -> None:
    draw = random.Random(seed)
    rows = [
        replace(
            row, facts=row.facts | {"property:margin_minor": draw.choice(["", "40", "-7", "x"])}
        )
        if row.kind == "order.placed"
        else row
        for row in a_shop(seed)
    ]
    net: Counter[tuple[str, str, int]] = Counter()
    margins: Counter[tuple[str, str, int]] = Counter()
    people: Counter[str] = Counter()
    orders: Counter[tuple[str, str, str]] = Counter()
    for person in by_person(rows):
        first = next(
            (n for n, row in enumerate(person)
             if row.counts and row.kind == (begins or "order.placed")),
            None,
        )  # fmt: skip
        if first is None:
            continue
        begin = plain_day(person[first])
        people[begin] += 1
        for row in person[first:]:
            if row.kind != "order.placed" or not row.counts:
                continue
            gross = row.number("amount_minor") or 0
            back = sum(
                other.number("amount_minor") or 0
                for other in person
                if other.kind == "order.refunded" and other.text("subject") == row.text("subject")
            )
            left = max(gross - back, 0)
            currency, told = row.text("currency"), row.text("property:margin_minor")
            after = (date.fromisoformat(plain_day(row)) - date.fromisoformat(begin)).days
            net[begin, currency, after] += left
            orders[begin, currency, "all"] += 1
            if told in ("40", "-7"):
                orders[begin, currency, "known"] += 1
                whole = int(told)
                shrunk = whole * left // gross if gross > 0 else 0
                margins[begin, currency, after] += whole if left == gross else shrunk

    question = LifetimeValue(Interval.DAY, "UTC", is_kind(begins) if begins else ())
    found = answer_of(rows, question)

    assert {one.begin: one.people for one in found} == people
    for cohort in found:
        for currency, value in cohort.values.items():
            key = cohort.begin, currency
            assert value.orders == orders[*key, "all"]
            assert value.orders_with_margin == orders[*key, "known"]
            for after, (money, margin) in enumerate(
                zip(value.net_minor, value.margin_minor, strict=True)
            ):
                assert money == sum(net[*key, n] for n in range(after + 1))
                assert margin == sum(margins[*key, n] for n in range(after + 1))
            assert value.net_minor[-1] == sum(
                minor for (*of, _), minor in net.items() if tuple(of) == key
            )


def plain_day(row: Row) -> str:
    return str(at(row.seconds).date())


def counted(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.counts]


def percentile(times: Sequence[float], percent: int) -> float:
    """Returns the smallest time that this share of times does not exceed."""
    return sorted(times)[math.ceil(percent / 100 * len(times)) - 1] if times else 0.0


@pytest.mark.parametrize("seed", SEEDS)
def test_times_are_those_between_the_first_touchpoints_of_steps(seed: int) -> None:
    rows = a_shop(seed)
    steps = ("product.view", "cart.line_added", "order.placed")
    between: list[list[float]] = [[], [], []]
    whole: list[float] = []
    for person in by_person(counted(rows)):
        reached: list[Row] = []
        left = person
        for kind in steps:
            found = next((n for n, row in enumerate(left) if row.kind == kind), None)
            if found is None:
                break
            reached.append(left[found])
            left = left[found:]
        for number, (one, other) in enumerate(pairwise(reached), 1):
            between[number].append((other.at - one.at) / 1e6)
        if len(reached) == len(steps):
            whole.append((reached[-1].at - reached[0].at) / 1e6)

    found = answer_of(rows, StepTimes(FunnelOptions(steps=tuple(is_kind(kind) for kind in steps))))[
        ""
    ]

    for times, plain in zip([*found.steps[1:], found.whole], [*between[1:], whole], strict=True):
        assert times.count == len(plain)
        assert [times.p25_seconds, times.median_seconds, times.p75_seconds, times.p90_seconds] == [
            percentile(plain, percent) for percent in (25, 50, 75, 90)
        ]
    assert found.steps[0].count == 0


def test_times_are_told_by_value_and_in_any_order() -> None:
    rows = [
        Row("p1", 0, "b", {"channel": "app"}),
        Row("p1", 10, "a", {"channel": "app"}),
        Row("p2", 0, "a", {"channel": "web"}),
        Row("p2", 40, "b", {"channel": "web"}),
    ]
    options = FunnelOptions(steps=(is_kind("a"), is_kind("b")), order=Order.ANY, by="channel")

    found = answer_of(rows, StepTimes(options))

    assert {value: one.whole.median_seconds for value, one in found.items()} == {
        "app": 10.0,
        "web": 40.0,
    }


def plain_pains(rows: Sequence[Row], window: float) -> dict[tuple[str, str, str], list[int]]:
    """Returns touchpoints, people and people who bought after their first meeting."""
    found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for person in by_person(rows):
        seen = set()
        for place, row in enumerate(person):
            if not row.counts or row.text("outcome") not in ("error", "refused"):
                continue
            key = (row.kind, row.text("outcome"), row.text("reason"))
            found[key][0] += 1
            if key in seen:
                continue
            seen.add(key)
            found[key][1] += 1
            found[key][2] += any(
                later.kind == "order.placed" and later.at - row.at <= window * 1e6
                for later in person[place:]
            )
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("hours", [1, 48])
def test_pains_count_people_and_who_bought_after_all(seed: int, hours: int) -> None:
    rows = a_shop(seed)

    pains = answer_of(rows, Pains(timedelta(hours=hours), LATER))

    assert {
        (one.kind, one.outcome, one.reason): [
            one.met.touchpoints,
            one.met.people,
            one.met.bought,
        ]
        for one in pains
    } == plain_pains(rows, hours * 3600)
    assert all(one.met.open == 0 for one in pains)
    assert [one.met.lost for one in pains] == sorted((one.met.lost for one in pains), reverse=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_usual_rate_is_of_people_who_never_failed_at_it(seed: int) -> None:
    rows = a_shop(seed)
    window = 48 * 3600 * 1e6
    people: Counter[str] = Counter()
    bought: Counter[str] = Counter()
    for person in by_person(rows):
        own = [(place, row) for place, row in enumerate(person) if row.counts]
        for kind in KINDS:
            tried = [(place, row) for place, row in own if row.kind == kind]
            if any(row.text("outcome") in ("error", "refused") for _, row in tried) or not tried:
                continue
            place, first = next((p, r) for p, r in tried if r.text("outcome") == "ok")
            people[kind] += 1
            bought[kind] += any(
                later.kind == "order.placed" and later.at - first.at <= window
                for later in person[place:]
            )

    for one in answer_of(rows, Pains(timedelta(hours=48), LATER)):
        usual = bought[one.kind] / people[one.kind] if people[one.kind] else None
        assert one.usual_rate == usual


def test_money_at_risk_is_what_those_who_left_would_have_brought_at_most() -> None:
    paid = {"source": "event", "amount_minor": 1000, "currency": "EUR"}
    rows = [
        # Two add without failing, and one of them buys: the usual rate is a half.
        Row("a", 0, "cart.line_added"),
        Row("a", 9, "order.placed", paid | {"subject": "o1"}),
        Row("b", 0, "cart.line_added"),
        # Four fail, and one of them buys all the same: two of four would be usual.
        *(Row(one, 0, "cart.add", {"outcome": "refused", "reason": "SOLD_OUT"}) for one in "cdef"),
        # The window of one who failed late is open.
        Row("g", 9 * DAY, "cart.add", {"outcome": "refused", "reason": "SOLD_OUT"}),
    ]
    rows.insert(4, Row("c", 5, "order.placed", paid | {"subject": "o2"}))

    (pain,) = answer_of(rows, Pains(timedelta(days=1), at(9 * DAY + 3600)))

    assert (pain.met.people, pain.met.bought, pain.met.open, pain.met.lost) == (5, 1, 1, 3)
    assert pain.usual_rate == 0.5
    assert pain.at_most_minor == {"EUR": 3000}
    assert pain.likely_minor == {"EUR": 1000}


@pytest.mark.parametrize("seed", SEEDS)
def test_products_count_people_on_their_way_to_an_order(seed: int) -> None:
    rows = a_shop(seed)
    plain: dict[str, Counter[str]] = defaultdict(Counter)
    for person in by_person(rows):
        events: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for place, row in enumerate(person):
            if not row.counts:
                continue
            if row.kind == "product.view" and row.text("subject"):
                events[row.text("subject")].append(("view", place))
            if row.kind == "cart.line_added" and row.text("property:product_slug"):
                events[row.text("property:product_slug")].append(("add", place))
            if row.kind == "order.placed":
                for name in parse_products(row.text("property:products")):
                    events[name].append(("order", place))
        for name, steps in events.items():
            first: dict[str, int] = {}
            for step, place in steps:
                plain[name][step] += 1
                first.setdefault(step, place)
            for step in first:
                plain[name][f"{step} people"] += 1
            plain[name]["added"] += "view" in first and any(
                step == "add" and place >= first["view"] for step, place in steps
            )
            plain[name]["bought"] += "add" in first and any(
                step == "order" and place >= first["add"] for step, place in steps
            )

    found = answer_of(rows, Products(ProductColumns()))

    assert {
        name: +Counter(
            {
                "view": one.views,
                "view people": one.viewers,
                "add": one.adds,
                "add people": one.adders,
                "order": one.orders,
                "order people": one.buyers,
                "added": one.added_after_view,
                "bought": one.bought_after_adding,
            }
        )
        for name, one in found.items()
    } == {name: +counts for name, counts in plain.items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_products_sum_up_to_the_money_of_orders_that_name_some(seed: int) -> None:
    rows = a_shop(seed)
    refunds: Counter[str] = Counter()
    for row in rows:
        if row.kind == "order.refunded":
            refunds[row.text("subject")] += row.number("amount_minor") or 0
    plain: Counter[str] = Counter()
    for row in counted(rows):
        if row.kind == "order.placed" and row.text("property:products"):
            net = (row.number("amount_minor") or 0) - refunds[row.text("subject")]
            plain[row.text("currency")] += max(net, 0)

    revenue: Counter[str] = Counter()
    for one in answer_of(rows, Products(ProductColumns())).values():
        revenue += one.revenue

    assert +revenue == +plain


def test_the_products_of_an_order_have_amounts_where_they_name_them() -> None:
    assert parse_products("tent:12990 stove a:b") == {"tent": 12990, "stove": 0, "a:b": 0}
    assert parse_products("tent:5 tent:7") == {"tent": 12}
    assert parse_products("") == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_terms_count_what_follows_a_search_in_its_session(seed: int) -> None:
    rows = a_shop(seed)
    sessions = plain_sessions(rows)
    plain: dict[str, Counter[str]] = defaultdict(Counter)
    for place, row in enumerate(rows):
        term = row.text("property:term")
        if row.kind != "search" or not term or not row.counts:
            continue
        after = [
            later
            for later, session in zip(rows[place + 1 :], sessions[place + 1 :], strict=True)
            if session is not None and session == sessions[place] and later.counts
        ]
        until = next(
            (
                n
                for n, later in enumerate(after)
                if later.kind == "search" and later.text("property:term")
            ),
            len(after),
        )
        counts = plain[term]
        counts["searches"] += 1
        counts["known"] += row.text("property:results") != ""
        counts["none"] += row.text("property:results") == "0"
        counts["clicked"] += any(later.kind == "product.view" for later in after[:until])
        counts["ordered"] += any(later.kind == "order.placed" for later in after)

    found = answer_of(rows, SearchTerms())

    assert {
        term: +Counter(
            {
                "searches": one.searches,
                "known": one.with_known_results,
                "none": one.without_results,
                "clicked": one.clicked,
                "ordered": one.ordered,
            }
        )
        for term, one in found.items()
    } == {term: +counts for term, counts in plain.items()}
    for term, one in found.items():
        searches = [row for row in counted(rows) if row.text("property:term") == term]
        assert one.people == len({row.person for row in searches})
