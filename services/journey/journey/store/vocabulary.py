"""Vocabulary: the values that touchpoints have, for analysts who want to ask for them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from psycopg.sql import SQL, Composable, Literal

from chassis.data.tx import Read
from journey.store.batch import Batch, Mask
from journey.store.store import PROPERTY
from journey.touchpoints.acts import IS_ACT

COLUMNS: Final = (
    "kind", "source", "channel", "device", "outcome", "reason", "utm_source", "utm_medium",
    "utm_campaign", "referrer_host", "currency",
)  # fmt: skip
MOST_VALUES: Final = 200
# Of a column, for which values are counted; the rest of a file is of none.
_MOST_COUNTED: Final = 100_000


@dataclass(frozen=True, slots=True)
class Word:
    """A value of a column, and how many touchpoints have it."""

    column: str
    value: str
    touchpoints: int


class VocabularyFold:
    """Counts the values of each column over the touchpoints that a filter lets through."""

    columns: frozenset[str] = frozenset(COLUMNS)
    before = timedelta()
    reads_later = False

    def __init__(self) -> None:
        self._counts: Mapping[str, Counter[str]] = {name: Counter() for name in COLUMNS}

    def add(self, batch: Batch, counted: Mask) -> None:
        """Takes in a batch."""
        for name, counts in self._counts.items():
            column = batch.texts[name]
            found = np.bincount(column.codes[counted], minlength=len(column.values))
            for code in np.flatnonzero(found).tolist():
                value = column.values[code]
                if value and (value in counts or len(counts) < _MOST_COUNTED):
                    counts[value] += int(found[code])

    def answer(self) -> list[Word]:
        """Returns the most frequent values by column, columns in order."""
        return [
            Word(name, value, touchpoints)
            for name, counts in self._counts.items()
            for value, touchpoints in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[
                :MOST_VALUES
            ]
        ]


async def get_property_words(
    read: Read, since: datetime | None = None, until: datetime | None = None
) -> list[Word]:
    """Returns the most frequent values of properties, of the touchpoints of the database."""
    within = SQL("{} AND {}").format(SQL(IS_ACT), _in_time(since, until))
    rows = await read.answer(
        SQL(
            "SELECT column_name, value, touchpoints FROM (SELECT {prefix} || p.key AS column_name, "
            "p.value, count(*) AS touchpoints, row_number() OVER (PARTITION BY p.key "
            "ORDER BY count(*) DESC, p.value) AS place FROM touchpoint t, "
            "jsonb_each_text(t.properties) p WHERE {within} GROUP BY p.key, p.value) ranked "
            "WHERE place <= {most} ORDER BY column_name, touchpoints DESC, value"
        ).format(prefix=Literal(PROPERTY), within=within, most=Literal(MOST_VALUES))
    )
    return [Word(row["column_name"], row["value"], row["touchpoints"]) for row in rows]


def _in_time(since: datetime | None, until: datetime | None) -> Composable:
    tests: list[Composable] = [SQL("TRUE")]
    if since is not None:
        tests.append(SQL("t.occurred_at >= {}").format(Literal(since)))
    if until is not None:
        tests.append(SQL("t.occurred_at < {}").format(Literal(until)))
    return SQL(" AND ").join(tests)
