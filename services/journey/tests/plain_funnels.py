"""Numbers of funnels as a plain recomputation says them, and histories to ask about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from journey.funnels.model import MapQuestion
from journey.maps.model import Stage
from journey.maps.rules import Rule, rules_of
from journey.touchpoints.model import Touchpoint
from services.journey.tests.journey_world import a_touchpoint, kinds

# An order is placed by a request, of which the gateway tells, and an event, which is the act.
KINDS = ("a", "b", "c", "d", "order.place")
VISITORS = (UUID(int=1), UUID(int=2))


def stage(*rules: dict[str, Any]) -> Stage:
    return Stage("s", {"en": "S"}, rules_of(list(rules), "$"))


MAPS = {
    "plain": [stage(kinds("a")), stage(kinds("b")), stage(kinds("c"), kinds("d"))],
    "overlapping": [stage(kinds("a", "b")), stage(kinds("b", "c")), stage(kinds("b"))],
    "first and repeat": [
        stage(kinds("a", "b", occurrence="first")),
        stage(kinds("c"), kinds("b", occurrence="repeat")),
        stage(kinds("d")),
    ],
    "five stages": [
        stage(kinds("a")),
        stage(kinds("b", "c")),
        stage(kinds("c"), kinds("d", occurrence="first")),
        stage(kinds("a", occurrence="repeat")),
        stage(kinds("b", "d")),
    ],
    "two stages": [stage(kinds("a")), stage(kinds("b"), kinds("c", occurrence="repeat"))],
    "without rules": [stage(kinds("a")), stage(), stage(kinds("b"))],
    "begins without rules": [stage(), stage(kinds("a")), stage(kinds("b")), stage()],
    "nothing but names": [stage(), stage()],
    "last": [
        stage(kinds("a", "b", occurrence="last")),
        stage(kinds("b", occurrence="last"), kinds("c", occurrence="repeat")),
        stage(kinds("d", occurrence="last")),
    ],
    "after": [
        stage(kinds("b", after=["a"]), kinds("c", after=["a", "b"], occurrence="first")),
        stage(kinds("c", after=["b"], occurrence="repeat"), kinds("a")),
        stage(kinds("d", after=["d"], occurrence="last")),
    ],
    "attempts": [
        stage(kinds("a", "order.place", occurrence="first")),
        stage(kinds("order.place"), kinds("b", after=["order.place"])),
        stage({"when": [{"field": "kind", "prefix": "o"}, {"field": "amount", "exists": True}]}),
    ],
    "placed only": [
        stage(kinds("a"), {**kinds("b", "c"), "is_placed_only": True}),
        stage({**kinds("a", occurrence="first"), "is_placed_only": True}),
        stage(kinds("b"), {**kinds("d", after=["b"]), "is_placed_only": True}),
    ],
    "amounts": [
        stage({"when": [{"field": "amount", "at_least": 5}], "occurrence": "first"}),
        stage(
            {"when": [{"field": "amount", "at_least": 5, "below": 10, "negated": True}]},
            {"when": [{"field": "device", "any_of": ["phone"]}]},
        ),
        stage(
            {"when": [{"field": "kind", "any_of": ["a"]}, {"field": "amount", "below": 9}]},
            {"when": [{"field": "amount", "exists": True, "negated": True}]},
        ),
    ],
    "conditions": [
        stage({"when": [{"field": "utm_source", "exists": True}]}),
        stage(
            {
                "when": [
                    {"field": "kind", "prefix": "a"},
                    {"field": "outcome", "any_of": ["ok"], "negated": True},
                ]
            }
        ),
        stage({"when": [{"field": "property:plan", "any_of": ["100%s", "it's"]}]}),
    ],
}

visits = st.builds(
    lambda kind, who, seconds, utm, outcome, plan, sequence, device, amount, source: a_touchpoint(
        kind,
        seconds=seconds,
        **who,
        utm_source=utm,
        outcome=outcome,
        source=source,
        properties=f'{{"plan": "{plan}"}}',
        duration_ms=seconds,
        sequence=sequence,
        device=device,
        amount_minor=amount,
    ),
    st.sampled_from(KINDS),
    st.sampled_from(
        [
            {"visitor": "V1"},
            {"visitor": "V2"},
            {"visitor": "V3"},
            {"visitor": "V1", "guest": "G1"},
            {"visitor": "V2", "guest": "G1"},
            {"visitor": "V1", "customer": "C1"},
            {"visitor": "V3", "customer": "C1"},
            {"visitor": "V3", "customer": "C2"},
            {"guest": "G1"},
            {"guest": "C1"},
            {"customer": "C2"},
            {"guest": "G2", "customer": "C2"},
            {"visitor": "V4", "guest": "C2"},
        ]
    ),
    st.integers(0, 12),
    st.sampled_from(["", "x"]),
    st.sampled_from(["ok", "error"]),
    st.sampled_from(["100%s", "it's", "no"]),
    st.integers(0, 2),
    st.sampled_from(["", "phone", "bot"]),
    st.sampled_from([None, 0, 5, 9, 10]),
    st.sampled_from(["gateway", "event", "beacon"]),
)


@dataclass
class Whose:
    """Returns the owner of each touchpoint, found by plain walks."""

    rows: list[Touchpoint]

    def __post_init__(self) -> None:
        self.customers = {row.customer_id for row in self.rows if row.customer_id}
        self.edges: list[tuple[UUID, UUID, datetime]] = []
        for row in self.rows:
            guest, customer = (
                (None, row.guest_id)
                if row.guest_id in self.customers and not row.customer_id
                else (row.guest_id, row.customer_id)
            )
            for one, other in (
                (row.visitor_id, guest),
                (row.visitor_id, customer),
                (guest, customer),
            ):
                if one and other:
                    self.edges.append((one, other, row.occurred_at))

    def group(self, handle: UUID) -> set[UUID]:
        found, todo = set(), [handle]
        while todo:
            here = todo.pop()
            if here in found:
                continue
            found.add(here)
            for one, other, _ in self.edges:
                if {one, other}.isdisjoint(self.customers) and here in (one, other):
                    todo += [one, other]
        return found

    def person(self, row: Touchpoint) -> UUID:
        customer = row.customer_id or (row.guest_id if row.guest_id in self.customers else None)
        if customer:
            return customer
        handle = row.visitor_id or row.guest_id
        assert handle
        group = self.group(handle)
        seen: dict[UUID, datetime] = {}
        for one, other, when in self.edges:
            if one in group and other in self.customers:
                seen[other] = min(when, seen.get(other, when))
        ranked = sorted((when, id) for id, when in seen.items())
        if ranked and (len(ranked) == 1 or row.occurred_at < ranked[1][0]):
            return ranked[0][1]
        return min(group)


def place(row: Touchpoint) -> tuple[datetime, int, UUID]:
    """The order of touchpoints."""
    return row.occurred_at, row.sequence, row.id


def without_bots(rows: list[Touchpoint]) -> list[Touchpoint]:
    return [row for row in rows if row.device != "bot"]


def acts_of(rows: list[Touchpoint]) -> list[Touchpoint]:
    """All but the requests that succeeded, of which an event tells too."""
    return [
        row
        for row in rows
        if (row.kind, row.source, row.outcome) != ("order.place", "gateway", "ok")
    ]


def holds(condition: Any, row: Touchpoint) -> bool:
    if condition.field == "amount":
        amount = row.amount_minor
        test = amount is not None and (
            condition.exists
            or (
                (condition.at_least is None or amount >= condition.at_least)
                and (condition.below is None or amount < condition.below)
            )
        )
        return test is not condition.negated
    is_property = condition.field.startswith("property:")
    value = (
        row.properties.split('"plan": "')[1][:-2] if is_property else getattr(row, condition.field)
    )
    test = (
        value in condition.any_of
        if condition.any_of
        else value.startswith(condition.prefix)
        if condition.prefix
        else value != ""
    )
    return test is not condition.negated


def rows_of(rules: Sequence[Rule], rows: list[Touchpoint], whose: Whose) -> list[Touchpoint]:
    by_person: dict[UUID, list[Touchpoint]] = {}
    for row in sorted(acts_of(rows), key=place):
        by_person.setdefault(whose.person(row), []).append(row)
    found = set()
    for rule in rules:
        for own in by_person.values():
            fit = [
                row
                for number, row in enumerate(own)
                if all(holds(one, row) for one in rule.when)
                and all(
                    any(before.kind == kind and before.outcome == "ok" for before in own[:number])
                    for kind in rule.after
                )
            ]
            chosen = {"any": fit, "first": fit[:1], "repeat": fit[1:], "last": fit[-1:]}
            found |= {row.id for row in chosen[rule.occurrence]}
    return [row for row in rows if row.id in found]


def plainly(
    rows: list[Touchpoint], stages: list[Stage], question: MapQuestion
) -> dict[str, list[tuple[int, timedelta]]]:
    whose = Whose(rows)
    if not question.chosen.with_bots:
        rows = without_bots(rows)
    ruled = [number for number, stage in enumerate(stages) if stage.reached_by]
    if not ruled:
        return {}

    def within(row: Touchpoint) -> bool:
        since, until = question.chosen.since, question.chosen.until
        return (not since or row.occurred_at >= since) and (not until or row.occurred_at < until)

    people: dict[UUID, tuple[datetime, datetime, str]] = {}
    for row in sorted(rows_of(stages[ruled[0]].reached_by, rows, whose), key=place):
        begins = all(holds(one, row) for one in question.begins)
        if within(row) and whose.person(row) not in people and begins:
            people[whose.person(row)] = (
                row.occurred_at,
                row.occurred_at,
                row.utm_source if question.by else "",
            )
    answer: dict[str, list[tuple[int, timedelta]]] = {}
    for segment in {segment for _, _, segment in people.values()}:
        begun = (sum(each[2] == segment for each in people.values()), timedelta())
        answer[segment] = [begun] * (ruled[0] + 1)
    for number in range(ruled[0] + 1, len(stages)):
        stage = stages[number]
        if number not in ruled:
            for steps in answer.values():
                steps.append((steps[-1][0], timedelta()))
            continue
        after: dict[UUID, tuple[datetime, datetime, str]] = {}
        took: dict[str, list[timedelta]] = {}
        fit = [row for row in rows_of(stage.reached_by, rows, whose) if within(row)]
        for person, (reached, began, segment) in people.items():
            times = [
                row.occurred_at
                for row in fit
                if whose.person(row) == person and row.occurred_at >= reached
            ]
            if question.window:
                times = [time for time in times if time <= began + question.window]
            if times:
                after[person] = (min(times), began, segment)
                took.setdefault(segment, []).append(min(times) - reached)
        for segment, steps in answer.items():
            ordered = sorted(took.get(segment, []))
            steps.append(
                (len(ordered), ordered[(len(ordered) + 1) // 2 - 1] if ordered else timedelta())
            )
        people = after
    return answer
