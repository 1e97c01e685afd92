"""Conformance, and says against does, against a plain recomputation over random histories."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import pytest

from journey.feedback.model import Group
from journey.maps.model import Stage
from journey.maps.rules import Condition, Rule
from journey.questions.analyses.conformance import (
    Conformance,
    Conforming,
    deviations_of,
    fitness_of,
)
from journey.questions.analyses.says_does import SaysDoes
from journey.questions.filters import Filter
from services.journey.tests.histories import Row, a_history, answer_of, by_person

SEEDS = range(25)
KINDS = ("page.view", "product.view", "cart.line_added", "order.placed", "feedback.given", "other")


def a_stage(slug: str, *kinds: str, placed: str = "") -> Stage:
    rules = [Rule((Condition("kind", any_of=kinds),))] if kinds else []
    if placed:
        rules.append(Rule((Condition("kind", any_of=(placed,)),), is_placed_only=True))
    return Stage(slug, {"en": slug}, tuple(rules))


STAGES = (
    a_stage("see", "page.view"),
    a_stage("look", "product.view"),
    # Nobody reaches it: it is no part of the design.
    a_stage("think"),
    a_stage("want", "cart.line_added", placed="feedback.given"),
    a_stage("buy", "order.placed"),
)
DESIGNED = ("page.view", "product.view", "cart.line_added", "order.placed")


def a_shop(seed: int) -> list[Row]:
    draw = random.Random(seed)
    rows = []
    for row in a_history(seed, most_rows=60):
        facts = {**row.facts, "outcome": "ok", "subject": ""}
        facts["property:score"] = draw.choice(["0", "6", "7", "9", "10", "", "eleven"])
        rows.append(replace(row, kind=draw.choice(KINDS), facts=facts))
    return rows


def counted(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.counts]


def plain_path(person: Sequence[Row]) -> tuple[int, ...]:
    stages = [DESIGNED.index(row.kind) for row in person if row.kind in DESIGNED]
    return tuple(stage for stage, _ in groupby(stages))


def plain_fitness(path: Sequence[int], stages: int) -> float:
    """Returns the fitness by the edit distance, without substitution, to every prefix."""

    def distance(one: Sequence[int], other: Sequence[int]) -> int:
        row = list(range(len(other) + 1))
        for number, left in enumerate(one, 1):
            before, row = row, [number]
            for place, right in enumerate(other, 1):
                same = before[place - 1] if left == right else len(one) + len(other)
                row.append(min(same, before[place] + 1, row[place - 1] + 1))
        return row[-1]

    prefixes = (range(length) for length in range(stages + 1))
    return 1 - min(distance(path, prefix) for prefix in prefixes) / len(path)


@pytest.mark.parametrize("seed", SEEDS)
def test_people_are_counted_by_their_paths_and_these_by_how_they_fit(seed: int) -> None:
    rows = a_shop(seed)
    paths = Counter(plain_path(person) for person in by_person(counted(rows)))
    outside = paths.pop((), 0)

    found: Conforming = answer_of(rows, Conformance(STAGES, Filter()))

    assert {path.visits: path.people for path in found.paths} == paths
    assert (found.people, found.outside) == (paths.total(), outside)
    assert [path.people for path in found.paths] == sorted(paths.values(), reverse=True)
    for path in found.paths:
        assert path.fitness == pytest.approx(plain_fitness(path.visits, 4))
    assert found.touchpoints == len(counted(rows))
    assert found.unknown == sum(row.kind == "other" for row in counted(rows))
    assert found.patterns.total() == found.people
    for number, stage in enumerate(found.stages):
        assert stage.visited == sum(n for path, n in paths.items() if number in path)
        assert stage.skipped == sum(
            n for path, n in paths.items() if number < max(path) and number not in path
        )
        assert stage.repeated == sum(n for path, n in paths.items() if path.count(number) > 1)


@pytest.mark.parametrize(
    ("visits", "skipped", "repeats", "out_of_order", "fitness"),
    [
        ((0, 1, 2, 3), (), (), (), 1.0),
        # Whoever leaves early follows the design as far as they go.
        ((0, 1), (), (), (), 1.0),
        # One stage is missing.
        ((0, 2), (1,), (), (), 0.5),
        # A visit too much.
        ((0, 1, 0, 1, 2), (), (0, 1), (), 0.6),
        # First wanted, then seen: one visit too much, and stage 1 is never missed.
        ((1, 0), (), (), (0,), 0.5),
        # Nothing of the design before the last stage: it is cheapest to drop the visit.
        ((3,), (0, 1, 2), (), (), 0.0),
    ],
)
def test_deviations_and_fitness_of_paths_that_are_known(
    visits: tuple[int, ...],
    skipped: tuple[int, ...],
    repeats: tuple[int, ...],
    out_of_order: tuple[int, ...],
    fitness: float,
) -> None:
    found = deviations_of(visits)

    assert (found.skipped, found.repeats, found.out_of_order) == (skipped, repeats, out_of_order)
    assert fitness_of(visits, 4) == pytest.approx(fitness)


def test_patterns_part_people_by_what_their_paths_do() -> None:
    rows = [
        *(Row("a", second, kind) for second, kind in enumerate(DESIGNED)),
        Row("b", 0, "page.view"),
        Row("b", 1, "cart.line_added"),
        Row("c", 0, "product.view"),
        Row("c", 1, "page.view"),
        Row("c", 2, "product.view"),
    ]

    found: Conforming = answer_of(rows, Conformance(STAGES, Filter()))

    assert found.patterns == {
        (False, False, False): 1,
        (True, False, False): 1,
        (False, True, True): 1,
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_people_are_parted_by_their_last_score_at_each_stage(seed: int) -> None:
    rows = a_shop(seed)
    reached: Counter[tuple[int, Group | None]] = Counter()
    for person in by_person(counted(rows)):
        scores = [
            int(row.text("property:score"))
            for row in person
            if row.kind == "feedback.given" and row.text("property:score").isdigit()
        ]
        last = scores[-1] if scores else None
        group = (
            None
            if last is None
            else Group.PROMOTER
            if last >= 9
            else Group.PASSIVE
            if last >= 7
            else Group.DETRACTOR
        )
        at = -1
        for stage, kind in enumerate(DESIGNED):
            found = next((row.at for row in person if row.kind == kind and row.at >= at), None)
            if found is None:
                break
            at = found
            reached[stage, group] += 1

    found = answer_of(rows, SaysDoes(STAGES, Filter()))

    assert {
        (stage, group): went.reached
        for stage, groups in enumerate(found)
        for group, went in groups.items()
        if went.reached
    } == reached
    for stage, groups in enumerate(found):
        for group, went in groups.items():
            assert went.went_on == reached[stage + 1, group]
