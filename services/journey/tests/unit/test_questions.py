"""Each question against a plain recomputation in Python, over random histories."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from journey.maps.rules import Condition, Rule
from journey.questions.analyses.comparison import Compared
from journey.questions.attribution import Attribution, Model
from journey.questions.calendar import Interval
from journey.questions.credits import markov_shares, split
from journey.questions.filters import Filter, Newcomers
from journey.questions.fold import Question, ask
from journey.questions.funnels import Funnel, FunnelOptions, FunnelPeople, Order
from journey.questions.paths import PathOptions, Paths, Scope
from journey.questions.retention import Retention
from journey.questions.trends import Trend
from journey.store.batch import Batch
from journey.store.store import Wanted
from services.journey.tests.histories import (
    KINDS,
    HistoryStore,
    Row,
    a_history,
    answer_of,
    by_person,
    plain_sessions,
)
from services.journey.tests.journey_world import at

SEEDS = range(25)
BERLIN = ZoneInfo("Europe/Berlin")


def is_kind(*kinds: str) -> tuple[Rule, ...]:
    return (Rule((Condition("kind", any_of=kinds),)),)


def people_only(rows: Sequence[Row]) -> list[Row]:
    """Returns the rows that a question counts by default."""
    return [row for row in rows if row.counts]


def plain_net(rows: Sequence[Row], order: Row) -> int:
    """Returns what is left of an order."""
    same = [row for row in rows if row.text("subject") == order.text("subject") != ""]
    if any(row.kind == "order.cancelled" for row in same):
        return 0
    refunds = sum(row.number("amount_minor") or 0 for row in same if row.kind == "order.refunded")
    return max((order.number("amount_minor") or 0) - refunds, 0)


def plain_day(row: Row) -> str:
    return str(datetime.fromtimestamp(row.at / 1e6, UTC).astimezone(BERLIN).date())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_trend_counts_each_day_and_value(seed: int) -> None:
    rows = a_history(seed)
    sessions = dict(zip(map(id, rows), plain_sessions(rows), strict=True))
    plain: dict[tuple[str, str], dict[str, Any]] = {}
    for row in people_only(rows):
        counts = plain.setdefault(
            (plain_day(row), row.text("channel")),
            {"touchpoints": 0, "people": set(), "sessions": set(), "orders": 0, "net": Counter()},
        )
        counts["touchpoints"] += 1
        counts["people"].add(row.person)
        counts["sessions"] |= {sessions[id(row)]} - {None}
        if row.kind == "order.placed":
            counts["orders"] += 1
            counts["net"][row.text("currency")] += plain_net(rows, row)

    points = answer_of(rows, Trend(Interval.DAY, "Europe/Berlin", "channel"))

    assert {
        (point.begin, point.value): (
            point.counts.touchpoints,
            point.counts.people,
            point.counts.sessions,
            point.counts.orders,
            dict(point.counts.revenue),
        )
        for point in points
    } == {
        key: (
            counts["touchpoints"],
            len(counts["people"]),
            len(counts["sessions"]),
            counts["orders"],
            dict(counts["net"]),
        )
        for key, counts in plain.items()
    }


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("anchor", ["", "after", "before"])
def test_paths_are_those_of_the_history(seed: int, scope: Scope, anchor: str) -> None:
    rows = a_history(seed)
    kind = "product.view"
    sessions = plain_sessions(rows)
    grouped: dict[Any, list[str]] = defaultdict(list)
    for row, session in zip(rows, sessions, strict=True):
        key = row.person if scope is Scope.PERSON else session
        if key is None or not row.counts:
            continue
        if not grouped[key] or grouped[key][-1] != row.kind:
            grouped[key].append(row.kind)
    paths = list(filter(None, grouped.values()))
    if anchor:
        paths = [path for path in paths if kind in path]
        paths = [
            path[path.index(kind) :] if anchor == "after" else path[: path.index(kind) + 1]
            for path in paths
        ]

    options = {anchor: kind} if anchor else {}
    found = answer_of(rows, Paths(PathOptions(scope=scope, steps=3, **options)))

    assert found.paths == len(paths)
    assert found.bounces == sum(len(path) == 1 for path in paths)
    assert found.entries == Counter(path[0] for path in paths)
    assert found.exits == Counter(path[-1] for path in paths)
    assert found.transitions == Counter(pair for path in paths for pair in pairwise(path))
    ways = [path[::-1] for path in paths] if anchor == "before" else paths
    assert found.nodes == Counter((n, kind) for way in ways for n, kind in enumerate(way[:3]))
    assert found.links == Counter(
        (n, a, b) for way in ways for n, (a, b) in enumerate(pairwise(way[:3]))
    )
    assert found.ends == Counter((len(way) - 1, way[-1]) for way in ways if len(way) <= 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_retention_counts_who_came_back(seed: int) -> None:
    rows = a_history(seed)
    people: Counter[str] = Counter()
    returned: Counter[tuple[str, int]] = Counter()
    for person in by_person(people_only(rows)):
        begun = next((n for n, row in enumerate(person) if row.kind == "product.view"), None)
        if begun is None:
            continue
        first = datetime.fromisoformat(plain_day(person[begun]))
        people[plain_day(person[begun])] += 1
        days = {
            (datetime.fromisoformat(plain_day(row)) - first).days for row in person[begun + 1 :]
        }
        returned.update((plain_day(person[begun]), day) for day in days)

    cohorts = answer_of(rows, Retention(Interval.DAY, "Europe/Berlin", is_kind("product.view"), ()))

    assert {cohort.begin: cohort.people for cohort in cohorts} == people
    assert {
        (cohort.begin, after): number
        for cohort in cohorts
        for after, number in enumerate(cohort.returned)
        if number
    } == returned


def plain_touches(person: Sequence[Row], sessions: Sequence[int | None]) -> list[Row]:
    found, seen = [], set()
    for row, session in zip(person, sessions, strict=True):
        is_own = row.text("source") != "event"
        if is_own and (session not in seen or row.text("utm_source")):
            found.append(row)
        if is_own:
            seen.add(session)
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("model", Model)
def test_credits_sum_up_to_the_orders_to_the_cent(seed: int, model: Model) -> None:
    rows = a_history(seed)
    placed = [row for row in people_only(rows) if row.kind == "order.placed"]
    net: Counter[str] = Counter()
    for row in placed:
        net[row.text("currency")] += plain_net(rows, row)

    found = answer_of(rows, Attribution(model, "utm_source", timedelta(days=30)))

    assert found.orders == len(placed)
    assert found.net_minor == {
        currency: net[currency] for currency in {r.text("currency") for r in placed}
    }
    summed: Counter[str] = Counter()
    for credit in found.credits:
        summed[credit.currency] += credit.net_minor
    assert summed == net
    assert sum(credit.orders for credit in found.credits) == pytest.approx(len(placed))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("model", [Model.FIRST, Model.LAST])
def test_the_first_and_the_last_touch_are_those_of_the_history(seed: int, model: Model) -> None:
    rows = a_history(seed)
    orders: Counter[str] = Counter()
    for person in by_person(rows):
        touches = plain_touches(person, plain_sessions(person))
        for place, order in enumerate(person):
            if order.kind != "order.placed" or order.text("device") == "bot":
                continue
            before = [id(row) for row in person[: place + 1]]
            way = [
                row.text("utm_source")
                for row in touches
                if id(row) in before and order.at - row.at <= 30 * 86_400 * 1e6
            ]
            way = [value for value in way if value] or [""]
            orders[way[0] if model is Model.FIRST else way[-1]] += 1

    found = answer_of(rows, Attribution(model, "utm_source", timedelta(days=30)))

    credited: Counter[str] = Counter()
    for credit in found.credits:
        credited[credit.value] += round(credit.orders)
    assert +credited == orders


def test_removal_effects_of_a_chain_that_is_known() -> None:
    # Removing A loses all of A's and A-B's orders, removing B those with B: 1/2 + 1/2 against 1/2.
    shares = markov_shares({("A",): 1, ("A", "B"): 1}, {})

    assert shares == pytest.approx({"A": 1 / 1.5, "B": 0.5 / 1.5})


@pytest.mark.parametrize(
    ("whole", "weights"), [(100, [1, 1, 1]), (0, [1, 2]), (7, [0, 0]), (5, [0.4, 0.2, 0.4])]
)
def test_a_split_sums_up_to_the_whole(whole: int, weights: list[float]) -> None:
    assert sum(split(whole, weights)) == whole


STEPS = (is_kind("page.view", "product.view"), is_kind("cart.line_added"), is_kind("order.placed"))


def plain_funnel(
    way: Sequence[Row], *, window: int = 0, excluded: str = "", order: Order = Order.SEQUENCE
) -> int:
    """Returns how many steps a way reached."""
    kinds = [("page.view", "product.view"), ("cart.line_added",), ("order.placed",)]
    if order is Order.ANY:
        steps = [next((n for n, row in enumerate(way) if row.kind in one), None) for one in kinds]
        known = [n for n in steps if n is not None]
        began = way[min(known)].at if known else 0
        reached = 0
        for place in steps:
            if place is None or (window and way[place].at - began > window):
                break
            reached += 1
        return reached
    place, began = 0, 0
    for number, one in enumerate(kinds):
        found = next((n for n in range(place, len(way)) if way[n].kind in one), None)
        if found is None:
            return number
        began = way[found].at if not number else began
        if window and way[found].at - began > window:
            return number
        if number and excluded and any(row.kind == excluded for row in way[place + 1 : found]):
            return number
        place = found
    return len(kinds)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"window": timedelta(hours=12)},
        {"excluded": is_kind("order.cancelled")},
        {"order": Order.ANY},
        {"order": Order.ANY, "window": timedelta(hours=12)},
        {"scope": Scope.SESSION},
        {"same": "property:page"},
    ],
)
def test_a_funnel_counts_the_ways_of_the_history(seed: int, changes: dict[str, Any]) -> None:
    rows = a_history(seed)
    sessions = plain_sessions(rows)
    ways: dict[Any, list[Row]] = defaultdict(list)
    for row, session in zip(rows, sessions, strict=True):
        key: Any = session if changes.get("scope") is Scope.SESSION else row.person
        if changes.get("same"):
            key = (key, row.text("property:page")) if row.text("property:page") else None
        if key is not None and row.counts:
            ways[key].append(row)
    window = changes.get("window", timedelta())
    reached = [
        plain_funnel(
            way,
            window=int(window.total_seconds() * 1e6),
            excluded="order.cancelled" if "excluded" in changes else "",
            order=changes.get("order", Order.SEQUENCE),
        )
        for way in ways.values()
    ]
    options = FunnelOptions(steps=STEPS, **changes)

    segments = answer_of(rows, Funnel(options))

    assert segments[""].reached == [sum(one > step for one in reached) for step in range(3)]
    people = {
        way[0].person for way, count in zip(ways.values(), reached, strict=True) if count == 1
    }
    assert set(answer_of(rows, FunnelPeople(options, 1, left=True, most=99))) == people


@pytest.mark.parametrize("seed", SEEDS)
def test_a_filter_narrows_people_and_touchpoints(seed: int) -> None:
    rows = a_history(seed)
    since, until = at(30_000), at(500_000)
    period = [row for row in rows if since.timestamp() * 1e6 <= row.at < until.timestamp() * 1e6]
    chosen = []
    for person in by_person(rows):
        is_new = person[0].at >= since.timestamp() * 1e6
        did = any(row.kind == "cart.add" and row.at < until.timestamp() * 1e6 for row in person)
        if not is_new and did:
            chosen.append(person[0].person)

    found = answer_of(
        rows,
        Trend(Interval.MONTH, "UTC"),
        since=since,
        until=until,
        devices=("", "phone"),
        newcomers=Newcomers.RETURNING,
        who_did=(Condition("kind", any_of=("cart.add",)),),
    )

    counted = [
        row
        for row in period
        if row.person in chosen and row.counts and row.text("device") in ("", "phone")
    ]
    assert sum(point.counts.touchpoints for point in found) == len(counted)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_condition_on_the_amount_compares_numbers(seed: int) -> None:
    rows = a_history(seed)
    plain = [row for row in rows if row.counts and (row.number("amount_minor") or -1) >= 333]

    found = answer_of(
        rows, Trend(Interval.MONTH, "UTC"), conditions=(Condition("amount", at_least=333),)
    )

    assert sum(point.counts.touchpoints for point in found) == len(plain)


class Watched:
    """A store that keeps what was wanted of it, and yields all kinds unless it heeds them."""

    def __init__(self, rows: Sequence[Row], *, heeds_kinds: bool) -> None:
        self._rows, self._heeds_kinds = rows, heeds_kinds
        self.wanted: list[Wanted] = []

    def scan(self, wanted: Wanted) -> AsyncGenerator[Batch, None]:
        self.wanted.append(wanted)
        heeded = wanted if self._heeds_kinds else replace(wanted, kinds=frozenset())
        return HistoryStore(self._rows).scan(heeded)


@pytest.mark.parametrize("seed", SEEDS)
def test_reading_only_the_kinds_that_decide_changes_no_answer(seed: int) -> None:
    rows, draw = a_history(seed), random.Random(seed)
    steps = tuple(is_kind(*draw.sample(KINDS, 2)) for _ in range(3))
    chosen = Filter(
        who_did=draw.choice([(), (Condition("kind", any_of=(KINDS[0],)),)]),
        who_did_not=draw.choice([(), (Condition("channel", any_of=("app",)),)]),
        conditions=draw.choice([(), (Condition("channel", any_of=("web",)),)]),
        segments=draw.choice([(), (Filter(who_did=(Condition("kind", any_of=(KINDS[1],)),)),)]),
    )

    segment = Filter(who_did=(Condition("kind", any_of=(KINDS[3],)),))

    def questions() -> list[Question[Any]]:
        options = FunnelOptions(steps=steps, excluded=is_kind(KINDS[2]), by="channel")
        by_session = FunnelOptions(steps=steps, scope=Scope.SESSION)
        cohorts = Retention(Interval.DAY, "UTC", steps[0], steps[1])
        compared = Compared(Funnel(options), [(chosen.narrowed(segment), Funnel(options))])
        return [Funnel(options), Funnel(by_session), cohorts, compared]

    def answers(store: Watched) -> list[str]:
        return [repr(asyncio.run(ask(store, chosen, one))) for one in questions()]

    narrow, wide = Watched(rows, heeds_kinds=True), Watched(rows, heeds_kinds=False)

    assert answers(narrow) == answers(wide)
    is_narrowed = [bool(wanted.kinds) for wanted in narrow.wanted]
    is_narrow = not chosen.who_did_not
    assert is_narrowed == [is_narrow, False, is_narrow, is_narrow]
