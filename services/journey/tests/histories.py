"""Random histories, as rows and as the batches that a store yields of them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from journey.questions.filters import Filter
from journey.questions.fold import Question, ask
from journey.store.batch import MISSING, Batch
from journey.store.postgres import texts_of
from journey.store.store import NUMBERS, Wanted
from journey.touchpoints.acts import is_act
from services.journey.tests.journey_world import START, at

KINDS = ("page.view", "product.view", "cart.add", "cart.line_added", "order.placed")
SOURCES = ("", "google", "mail", "social")


@dataclass(frozen=True)
class Row:
    """A touchpoint of a person, some seconds after the start."""

    person: str
    seconds: int
    kind: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> int:
        return round(at(self.seconds).timestamp() * 1_000_000)

    def text(self, name: str) -> str:
        defaults = {"kind": self.kind, "source": "gateway", "channel": "web", "outcome": "ok"}
        return str(self.facts.get(name, defaults.get(name, "")))

    @property
    def counts(self) -> bool:
        """Returns whether questions count it by default."""
        return self.text("device") != "bot" and is_act(
            self.kind, self.text("source"), self.text("outcome")
        )

    def number(self, name: str) -> int | None:
        found = self.facts.get(name)
        return None if found is None else int(found)


def a_history(seed: int, *, most_people: int = 6, most_rows: int = 40) -> list[Row]:
    """Returns a random history in the order of people and time, with ties."""
    draw = random.Random(seed)
    rows: list[Row] = []
    for number in range(draw.randrange(1, most_people + 1)):
        seconds = 0
        for _ in range(draw.randrange(1, most_rows // most_people + 2)):
            seconds += draw.choice([0, 60, 1200, 1801, 40_000, 400_000])
            rows.append(_a_row(draw, f"p{number}", seconds, len(rows)))
    return rows


def _a_row(draw: random.Random, person: str, seconds: int, number: int) -> Row:
    kind = draw.choice([*KINDS, "order.refunded", "order.cancelled"])
    facts: dict[str, Any] = {
        "channel": draw.choice(["web", "app"]),
        "outcome": draw.choice(["ok", "ok", "refused"]),
        "device": draw.choice(["", "phone", "desktop", "bot"]),
        "utm_source": draw.choice(SOURCES),
        "property:page": draw.choice(["", "a", "b"]),
    }
    if kind.startswith("order."):
        facts |= {
            "source": "event",
            "subject": f"{person} {number}"
            if kind == "order.placed"
            else _an_order(draw, person, number),
            "amount_minor": draw.choice([None, 0, 100, 1999, 333]),
            "currency": draw.choice(["EUR", "JPY"]),
        }
    return Row(person, seconds, kind, facts)


def _an_order(draw: random.Random, person: str, number: int) -> str:
    """Returns an order that the person may have placed before, or nobody's."""
    return draw.choice([f"{person} {draw.randrange(number + 1)}", ""])


class HistoryStore:
    """A store of rows, in batches of a few people each."""

    def __init__(self, rows: Sequence[Row], people_in_a_batch: int = 2) -> None:
        self._rows, self._people = rows, people_in_a_batch

    async def scan(self, wanted: Wanted) -> AsyncGenerator[Batch, None]:
        since = wanted.since.timestamp() * 1e6 if wanted.since else 0
        until = wanted.until.timestamp() * 1e6 if wanted.until else float("inf")
        rows = [
            row
            for row in self._rows
            if since <= row.at < until and (not wanted.kinds or row.kind in wanted.kinds)
        ]
        people = [list(group) for _, group in groupby(rows, key=lambda row: row.person)]
        for first in range(0, len(people), self._people):
            yield batch_of(people[first : first + self._people], wanted.columns)


def batch_of(people: Sequence[Sequence[Row]], columns: frozenset[str]) -> Batch:
    """Returns people's rows as a batch."""
    rows = [row for one in people for row in one]
    starts = np.cumsum([0, *map(len, people)]).astype(np.int64)
    texts = {
        name: texts_of(pa.chunked_array([pa.array([row.text(name) for row in rows], pa.string())]))
        for name in columns - NUMBERS
    }
    numbers = {
        name: np.array(
            [MISSING if row.number(name) is None else row.number(name) for row in rows],
            dtype=np.int64,
        )
        for name in columns & NUMBERS
    }
    moments = np.array([row.at for row in rows], dtype=np.int64)
    return Batch([one[0].person for one in people], starts, moments, texts, numbers)


def answer_of(rows: Sequence[Row], question: Question[Any], **chosen: Any) -> Any:
    """Returns the answer to a question about rows."""
    return asyncio.run(ask(HistoryStore(rows), Filter(**chosen), question))


def plain_sessions(rows: Sequence[Row]) -> list[int | None]:
    """Returns the session of each row, recomputed one by one."""
    found: list[int | None] = []
    number, person, last = -1, "", 0
    for row in rows:
        is_near = row.person == person and row.at - last <= 30 * 60 * 1_000_000
        if row.text("source") == "event":
            found.append(number if is_near else None)
            continue
        if not is_near:
            number += 1
        person, last = row.person, row.at
        found.append(number)
    return found


def by_person(rows: Sequence[Row]) -> list[list[Row]]:
    return [list(group) for _, group in groupby(rows, key=lambda row: row.person)]


__all__ = ["START", "Row", "a_history", "answer_of", "by_person", "plain_sessions"]
