"""One person's touchpoints: those of the database, and a batch of some."""

from collections.abc import Iterable, Sequence

import numpy as np
from psycopg.sql import SQL, Composed, Identifier, Literal

from chassis.data.tx import Read
from journey.people.model import Person
from journey.store.batch import MISSING, Batch, Texts
from journey.store.store import MOST_OF_ONE, NUMBERS, StoredTouchpoint
from journey.touchpoints.model import FROM_TOUCHPOINT, PERSON, Touchpoint


async def find_of_person(read: Read, person: Person) -> list[StoredTouchpoint]:
    """Returns a person's touchpoints of the database, in their order."""
    query = SQL(
        "SELECT {columns} FROM {source} WHERE {mine} "
        "ORDER BY t.occurred_at DESC, t.sequence DESC, t.id DESC LIMIT {most}"
    ).format(
        columns=SQL(", ").join(Identifier("t", name) for name in Touchpoint._fields),
        source=SQL(FROM_TOUCHPOINT),
        mine=of_person(person),
        most=Literal(MOST_OF_ONE),
    )
    rows = await read.answer(query)
    return [StoredTouchpoint.from_columns(row, row["properties"]) for row in reversed(rows)]


def of_person(person: Person) -> Composed:
    """Returns the condition that a touchpoint `t` is a person's, so that indexes find it."""
    return SQL(
        "((t.customer_id = {id} OR t.visitor_id = ANY({handles}) OR t.guest_id = ANY({handles})) "
        "AND {person} = {id})"
    ).format(id=Literal(person.id), handles=Literal(list(person.handles)), person=SQL(PERSON))


def batch_of_person(rows: Sequence[StoredTouchpoint], names: Iterable[str]) -> Batch:
    """Returns the batch of one person's touchpoints, which are in their order."""
    texts, numbers = {}, {}
    for name in names:
        if name in NUMBERS:
            values = [getattr(one.row, name) for one in rows]
            given = [MISSING if value is None else value for value in values]
            numbers[name] = np.array(given, dtype=np.int64)
        else:
            texts[name] = _texts([one.text(name) for one in rows])
    times = [int(one.row.occurred_at.timestamp() * 1_000_000) for one in rows]
    starts = np.array([0, len(rows)], dtype=np.int64)
    return Batch([""], starts, np.array(times, dtype=np.int64), texts, numbers)


def _texts(values: Sequence[str]) -> Texts:
    codes = {value: code for code, value in enumerate(dict.fromkeys(values))}
    return Texts(np.array([codes[value] for value in values], dtype=np.int32), list(codes))
