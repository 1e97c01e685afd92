"""Conformance: the designed path of a map against the paths that people really take.

The designed path is the map's stages in order, those that people can reach. A real path is what one
person did in the period: each run of touchpoints of one stage is a visit of it. Touchpoints that no
stage has are unknown; they part no visit.

Deviations of a path: a stage before the furthest one that was never visited is skipped; a visit of
a stage that was visited before is a repeat; the first visit of a stage after a later one is out of
order.

The fitness of a path is 1 minus the cost of its best alignment by its length: van der Aalst,
Adriansyah, van Dongen 2012, "Replaying history on process models for conformance checking". The
alignment is exact and light: the model is one sequence that a person may leave anywhere, and a
visit that is too much and a stage that is missing cost 1 each. So 1 is a path that follows the
design as far as it goes, and 0 one that has nothing of it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from journey.funnels.placement import Placement, columns_of, looks_at_others
from journey.maps.model import Stage
from journey.questions.filters import EVER, Filter
from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Mask

# Visits of a path; what follows is cut off.
MOST_VISITS: Final = 100
Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Deviations:
    """Stages that a path skips, repeats and visits out of order, by their number in the design.

    `repeats` has a stage once for each repeat.
    """

    skipped: Path
    repeats: Path
    out_of_order: Path


@dataclass(frozen=True, slots=True)
class RealPath:
    """A path that people took: stages by their number in the design."""

    visits: Path
    people: int
    fitness: float
    deviations: Deviations


@dataclass(slots=True)
class StagePeople:
    """People by what their path does with a stage."""

    visited: int = 0
    skipped: int = 0
    repeated: int = 0
    out_of_order: int = 0


@dataclass(slots=True)
class Conforming:
    """Paths, the most frequent first, and people by deviation.

    `patterns` are people by whether their path skips, repeats, and goes out of order. `outside` had
    touchpoints of no stage only, and have no path.
    """

    people: int = 0
    outside: int = 0
    touchpoints: int = 0
    unknown: int = 0
    fitness: float = 0.0
    patterns: Counter[tuple[bool, bool, bool]] = field(default_factory=Counter)
    stages: list[StagePeople] = field(default_factory=list)
    paths: list[RealPath] = field(default_factory=list)


class Conformance:
    """Compares people's paths with the design of a map."""

    def __init__(self, stages: Sequence[Stage], chosen: Filter) -> None:
        self._stages, self._chosen = stages, chosen
        self.designed = [number for number, stage in enumerate(stages) if stage.reached_by]
        self._rules = [stages[number].reached_by for number in self.designed]
        self.columns = columns_of(stages)
        self.reads_later = looks_at_others(stages)
        self.before = EVER if self.reads_later else AT_ONCE
        self._paths: Counter[bytes] = Counter()
        self._found = Conforming()

    def add(self, batch: Batch, counted: Mask) -> None:
        placement = Placement(batch, self._chosen.acts(batch))
        is_placed = placement.stage_numbers(self._stages) < len(self._stages)
        self._found.touchpoints += int(counted.sum())
        self._found.unknown += int((counted & ~is_placed).sum())
        stage = np.full(len(batch), -1, dtype=np.int64)
        for number in reversed(range(len(self._rules))):
            stage[placement.any_of(self._rules[number])] = number
        places = np.flatnonzero(counted & (stage >= 0))
        visits, person = stage[places].astype(np.uint8), batch.person[places]
        is_new = np.ones(len(places), dtype=np.bool_)
        is_new[1:] = (visits[1:] != visits[:-1]) | (person[1:] != person[:-1])
        visits, person = visits[is_new], person[is_new]
        who, starts = np.unique(person, return_index=True)
        self._found.outside += len(np.unique(batch.person[counted])) - len(who)
        for begin, end in pairwise([*starts.tolist(), len(visits)]):
            self._paths[visits[begin:end][:MOST_VISITS].tobytes()] += 1

    def answer(self) -> Conforming:
        found = self._found
        found.stages = [StagePeople() for _ in self._rules]
        fitness = 0.0
        for raw, people in self._paths.items():
            visits = tuple(raw)
            deviations = deviations_of(visits)
            path = RealPath(visits, people, fitness_of(visits, len(self._rules)), deviations)
            found.paths.append(path)
            found.people += people
            fitness += people * path.fitness
            parts = (deviations.skipped, deviations.repeats, deviations.out_of_order)
            found.patterns[bool(parts[0]), bool(parts[1]), bool(parts[2])] += people
            for name, numbers in zip(
                ("visited", "skipped", "repeated", "out_of_order"), (visits, *parts), strict=True
            ):
                for number in set(numbers):
                    stage = found.stages[number]
                    setattr(stage, name, getattr(stage, name) + people)
        found.fitness = fitness / found.people if found.people else 0.0
        found.paths.sort(key=lambda path: (-path.people, path.visits))
        return found


def deviations_of(visits: Path) -> Deviations:
    """Returns how a path deviates from the design."""
    seen: set[int] = set()
    repeats, out_of_order, furthest = [], [], -1
    for stage in visits:
        if stage in seen:
            repeats.append(stage)
        elif stage < furthest:
            out_of_order.append(stage)
        seen.add(stage)
        furthest = max(furthest, stage)
    skipped = tuple(stage for stage in range(furthest) if stage not in seen)
    return Deviations(skipped, tuple(repeats), tuple(out_of_order))


def fitness_of(visits: Path, stages: int) -> float:
    """Returns the fitness of a path to the stages 0, 1, 2 … in order."""
    # By stage, the longest part of the design so far that ends with it.
    longest = [0] * stages
    for stage in visits:
        longest[stage] = max(longest[stage], 1 + max(longest[:stage], default=0))
    kept, cost = 0, len(visits)
    for length, ending in enumerate(longest, 1):
        kept = max(kept, ending)
        cost = min(cost, len(visits) + length - 2 * kept)
    return 1 - cost / len(visits) if visits else 1.0
