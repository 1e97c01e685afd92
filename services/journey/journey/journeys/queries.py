"""One person's journey through a map."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg.sql import SQL, Composed, Identifier, Literal

from chassis.data.tx import Read
from journey.maps import predicates
from journey.maps.model import Stage
from journey.people.model import Person
from journey.touchpoints.acts import EVENTS_OF_REQUESTS, IS_ACT
from journey.touchpoints.model import FROM_TOUCHPOINT, Touchpoint

MOST_TOUCHPOINTS: Final = 1_000
DEFAULT_TOUCHPOINTS: Final = 200


@dataclass(frozen=True, slots=True)
class Stay:
    """A person's stay in a stage.

    `time` is from each of its touchpoints to the next one of any stage.
    """

    touchpoints: int = 0
    errors: int = 0
    refused: int = 0
    time: timedelta = timedelta()
    entered_at: datetime | None = None
    left_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A touchpoint and the number of the first stage whose rules it satisfies, or None."""

    row: Touchpoint
    properties: dict[str, str]
    stage: int | None


@dataclass(frozen=True, slots=True)
class Journey:
    """Stays by stage, in the map's order, and the newest touchpoints, in the order of time."""

    person: Person
    stays: list[Stay]
    touchpoints: list[Placed]
    is_truncated: bool


async def get_journey(
    read: Read,
    person: Person,
    stages: Sequence[Stage],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 0,
) -> Journey | None:
    """The journey in a time; None for a person without acts in it."""
    limit = min(limit, MOST_TOUCHPOINTS) if limit > 0 else DEFAULT_TOUCHPOINTS
    staged = _staged(person, stages, since, until)
    newest = SQL(
        "{} SELECT * FROM staged ORDER BY occurred_at DESC, sequence DESC, id DESC LIMIT {}"
    ).format(staged, Literal(limit + 1))
    rows = await read.answer(newest)
    if not rows:
        return None
    stays = [Stay() for _ in stages]
    for row in await read.answer(SQL("{} {}").format(staged, SQL(_STAYS))):
        stage = row.pop("stage")
        stays[stage] = Stay(**row)
    placed = [_placed(row) for row in reversed(rows[:limit])]
    return Journey(person, stays, placed, len(rows) > limit)


def _staged(
    person: Person, stages: Sequence[Stage], since: datetime | None, until: datetime | None
) -> Composed:
    """Returns a person's acts with their stages.

    Occurrences are counted over all history, in any time range. An act that an event tells lasted
    as long as the request of its trace.
    """
    columns = SQL(", ").join(Identifier("t", name) for name in Touchpoint._fields)
    rules = [stage.rules for stage in stages]
    return SQL(
        "WITH mine AS (SELECT {columns} FROM {source} WHERE {mine}),"
        " attempts AS (SELECT t.trace_id, e.event, max(t.duration_ms) AS duration_ms FROM mine t "
        "JOIN {events} ON e.request = t.kind WHERE NOT {is_act} GROUP BY t.trace_id, e.event),"
        " acts AS (SELECT {lasting} FROM mine t LEFT JOIN attempts a ON a.trace_id = t.trace_id "
        "AND a.event = t.kind AND t.source = 'event' WHERE {is_act}),"
        " preceded AS (SELECT {flagged} FROM acts t WINDOW earlier AS (ORDER BY t.occurred_at, "
        "t.sequence, t.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),"
        " placed AS (SELECT {columns}, {number} AS stage FROM preceded t WINDOW w AS (ORDER BY "
        "t.occurred_at, t.sequence, t.id)),"
        " staged AS (SELECT * FROM placed t WHERE {within})"
    ).format(
        columns=columns,
        events=SQL(EVENTS_OF_REQUESTS),
        is_act=SQL(IS_ACT),
        lasting=SQL(", ").join(map(_lasting, Touchpoint._fields)),
        flagged=SQL(", ").join([SQL("t.*"), *predicates.preceding_flags(rules)]),
        number=predicates.stage_number(rules),
        source=SQL(FROM_TOUCHPOINT),
        mine=predicates.of_person(person.id, person.handles),
        within=predicates.in_time(since, until),
    )


def _lasting(name: str) -> Composed:
    column = Identifier("t", name)
    if name != "duration_ms":
        return SQL("{}").format(column)
    return SQL("coalesce({}, a.duration_ms) AS duration_ms").format(column)


_STAYS: Final = (
    "SELECT stage, count(*) AS touchpoints, count(*) FILTER (WHERE outcome = 'error') AS errors,"
    " count(*) FILTER (WHERE outcome = 'refused') AS refused, coalesce(sum(dwell), interval '0') "
    "AS time, min(occurred_at) AS entered_at,"
    " max(occurred_at) AS left_at, (array_agg(outcome ORDER BY occurred_at DESC, sequence DESC, "
    "id DESC))[1] AS outcome FROM (SELECT *,"
    " lead(occurred_at) OVER (ORDER BY occurred_at, sequence, id) - occurred_at AS dwell FROM "
    "staged WHERE stage IS NOT NULL) timed GROUP BY stage"
)


def _placed(row: dict[str, Any]) -> Placed:
    stage, properties = row.pop("stage"), row["properties"]
    # A JSON column holds whatever was written: what is no object of properties is none.
    shown = (
        {name: str(value) for name, value in properties.items()}
        if isinstance(properties, dict)
        else {}
    )
    return Placed(Touchpoint(**{**row, "properties": ""}), shown, stage)
