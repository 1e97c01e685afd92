"""One person's touchpoints in the files, whichever person they were moved as."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from journey.history.files.columns import NAMES
from journey.history.files.table import HistoryTable
from journey.history.view import View, erased, people_now
from journey.people.model import Person
from journey.store.ids import column_of
from journey.store.store import BUCKETS, StoredTouchpoint
from journey.touchpoints.model import Touchpoint

_IDS: Final = pa.binary(16)


def read_person(table: HistoryTable, view: View, person: Person) -> list[StoredTouchpoint]:
    """Returns a person's touchpoints of the files at a view, in no order.

    Raises FileNotFoundError where the files were replaced meanwhile.
    """
    moved_as = _moved_as(view, person)
    buckets = {id.bytes[-1] % BUCKETS for id in moved_as}
    wanted = pa.array([id.bytes for id in moved_as], _IDS)
    found = []
    for file in table.files_at(view.snapshot_id):
        if file.bucket in buckets and (rows := table.read_people(file.path, wanted)):
            found.append(rows)
    return [one for rows in found for one in _touchpoints(_of_person(rows, view, person))]


def _moved_as(view: View, person: Person) -> set[UUID]:
    """Returns the people under whose ids the person's rows may lie.

    Rows of people set aside may lie under any of those, of whom there are few.
    """
    known = {person.id, *person.handles}
    if person.id.bytes not in view.aside:
        return known
    return known | {UUID(bytes=id) for id in view.aside}


def _of_person(rows: pa.Table, view: View, person: Person) -> pa.Table:
    """Returns the rows that are the person's now, not erased, and not in PostgreSQL too."""
    chosen = pc.equal(people_now(rows, view.strays), pa.scalar(person.id.bytes, _IDS))
    if view.erasures:
        chosen = pc.and_(chosen, pc.invert(erased(rows, view.erasures)))
    if len(view.late):
        ids = column_of(rows, "id").storage
        chosen = pc.and_(chosen, pc.invert(pc.is_in(ids, value_set=view.late)))
    return rows.filter(chosen)


def _touchpoints(rows: pa.Table) -> Sequence[StoredTouchpoint]:
    names = [name for name in NAMES if name in Touchpoint._fields]
    columns = rows.select(names).to_pylist()
    return [StoredTouchpoint.from_columns(row, dict(row["properties"])) for row in columns]
