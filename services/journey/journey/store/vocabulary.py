"""Vocabulary: what touchpoints have, so that an analyst knows what can be asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.sql import SQL, Composable, Identifier, Literal

from chassis.data.tx import Read
from journey.store.store import PROPERTY
from journey.touchpoints.acts import IS_ACT

COLUMNS: Final = (
    "kind", "source", "channel", "device", "outcome", "reason", "utm_source", "utm_medium",
    "utm_campaign", "referrer_host", "currency",
)  # fmt: skip
MOST_VALUES: Final = 200


@dataclass(frozen=True, slots=True)
class Word:
    """A value of a column, and how many touchpoints have it."""

    column: str
    value: str
    touchpoints: int


async def get_vocabulary(
    read: Read, since: datetime | None = None, until: datetime | None = None
) -> list[Word]:
    """Returns the most frequent values by column, columns in order and properties after them."""
    within = SQL("{} AND {}").format(SQL(IS_ACT), _in_time(since, until))
    columns = SQL(" UNION ALL ").join(_words_of(name, within) for name in COLUMNS)
    properties = SQL(
        "SELECT column_name, value, touchpoints FROM (SELECT {prefix} || p.key AS column_name, "
        "p.value, count(*) AS touchpoints, row_number() OVER (PARTITION BY p.key ORDER BY count(*) "
        "DESC, p.value) AS place FROM touchpoint t, jsonb_each_text(t.properties) p "
        "WHERE {within} GROUP BY p.key, p.value) ranked WHERE place <= {most}"
    ).format(prefix=Literal(PROPERTY), within=within, most=Literal(MOST_VALUES))
    rows = await read.answer(SQL("{} UNION ALL {}").format(columns, properties))
    order = {name: place for place, name in enumerate(COLUMNS)}
    words = [Word(row["column_name"], row["value"], row["touchpoints"]) for row in rows]
    return sorted(
        words,
        key=lambda one: (
            order.get(one.column, len(order)),
            one.column,
            -one.touchpoints,
            one.value,
        ),
    )


def _in_time(since: datetime | None, until: datetime | None) -> Composable:
    tests: list[Composable] = [SQL("TRUE")]
    if since is not None:
        tests.append(SQL("t.occurred_at >= {}").format(Literal(since)))
    if until is not None:
        tests.append(SQL("t.occurred_at < {}").format(Literal(until)))
    return SQL(" AND ").join(tests)


def _words_of(name: str, within: Composable) -> Composable:
    column = Identifier("t", name)
    return SQL(
        "(SELECT {name} AS column_name, {column} AS value, count(*) AS touchpoints FROM touchpoint "
        "t WHERE {column} <> '' AND {within} GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT {most})"
    ).format(name=Literal(name), column=column, within=within, most=Literal(MOST_VALUES))
