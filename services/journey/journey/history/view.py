"""The view of history that one scan has: its snapshot, and what changed since the files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chassis.data.tx import Read
from journey.history.model import (
    ErasedBy,
    Erasure,
    Stray,
    find_state,
    list_erasures,
    list_strays,
)
from journey.store.batch import Mask
from journey.store.ids import Words, bytes_of, column_of, keys_of_bytes

# The columns by which a row belongs to a person and to an erasure.
HANDLES: Final = ("visitor_id", "guest_id", "customer_id", "import_id")


@dataclass(frozen=True, slots=True)
class View:
    """Facts that a scan has before it reads files, all of one moment of the database.

    `aside` are the people of strays: their rows are yielded last, from wherever they lie. `late`
    are ids of touchpoints in PostgreSQL that may lie in the files too.
    """

    snapshot_id: int
    erasures: list[Erasure]
    strays: dict[UUID, Stray]
    aside: frozenset[bytes]
    late: pa.Array

    @property
    def needs_handles(self) -> bool:
        return bool(self.erasures)

    def is_aside(self, key: Words, rest: Words) -> Mask:
        """Returns which rows are of people whose rows may lie apart, by their keys."""
        chosen = np.zeros(len(key), dtype=np.bool_)
        if not self.aside or not len(key):
            return chosen
        wanted_key, wanted_rest = keys_of_bytes(b"".join(self.aside))
        places = np.flatnonzero(np.isin(key, wanted_key))
        pairs = zip(key[places].tolist(), rest[places].tolist(), strict=True)
        known = {*zip(wanted_key.tolist(), wanted_rest.tolist(), strict=True)}
        chosen[places] = [pair in known for pair in pairs]
        return chosen


async def read_view(read: Read) -> View | None:
    """Returns the view of this moment; None if nothing was moved yet."""
    state = await find_state(read)
    if state is None:
        return None
    late: list[tuple[UUID]] = []
    if state.moved_before is not None:
        late = await read.fetch(
            "SELECT id FROM touchpoint WHERE occurred_at < %s", [state.moved_before]
        )
    strays = await list_strays(read)
    return View(
        state.snapshot_id,
        list((await list_erasures(read)).values()),
        {stray.handle_id: stray for stray in strays},
        frozenset(id.bytes for stray in strays for id in stray.people),
        pa.array([id.bytes for (id,) in late], pa.binary(16)),
    )


def erased(rows: pa.Table, erasures: Sequence[Erasure]) -> pa.Array:
    """Returns which rows an erasure names; `rows` has HANDLES and `occurred_at`."""
    found = pa.array(np.zeros(len(rows), dtype=np.bool_))
    if not len(rows):
        return found
    storages = {name: column_of(rows, name).storage for name in HANDLES}
    visitor, guest, customer = (storages[name] for name in HANDLES[:3])
    handle = pc.coalesce(visitor, guest)
    nobody = pa.scalar(None, pa.binary(16))
    by = {
        ErasedBy.CUSTOMER: pc.coalesce(customer, guest),
        ErasedBy.HANDLE: pc.if_else(pc.is_null(customer), handle, nobody),
        ErasedBy.VISITOR: visitor,
        ErasedBy.GUEST: pc.if_else(pc.is_null(visitor), guest, nobody),
        ErasedBy.IMPORT: storages["import_id"],
    }
    at = column_of(rows, "occurred_at")
    for (kind, since, before), values in _grouped(erasures).items():
        chosen = pc.is_in(by[kind], value_set=pa.array(values, pa.binary(16)))
        if since is not None:
            chosen = pc.and_(chosen, pc.greater_equal(at, pa.scalar(since, at.type)))
        if before is not None:
            chosen = pc.and_(chosen, pc.less(at, pa.scalar(before, at.type)))
        found = pc.or_(found, chosen)
    return found


Bounds = tuple[ErasedBy, datetime | None, datetime | None]


def _grouped(erasures: Sequence[Erasure]) -> dict[Bounds, list[bytes]]:
    found: dict[Bounds, list[bytes]] = {}
    for rule in erasures:
        found.setdefault((rule.erased_by, rule.since, rule.before), []).append(rule.value.bytes)
    return found


def people_now(rows: pa.Table, strays: Mapping[UUID, Stray]) -> pa.Array:
    """Returns whose the rows are now; `rows` has HANDLES, `person_id` and `occurred_at`."""
    names = ("person_id", *HANDLES[:3])
    columns = [_ids(column_of(rows, name)) for name in names]
    times = column_of(rows, "occurred_at").cast(pa.int64()).to_pylist()
    customers = {id for id, stray in strays.items() if stray.is_customer}
    found = []
    for stored, visitor, guest, customer, at in zip(*columns, times, strict=True):
        handle = visitor or guest
        if customer is not None:
            person = customer
        elif guest is not None and guest in customers:
            person = guest
        elif handle in strays:
            person = strays[handle].person_at(datetime.fromtimestamp(at / 1_000_000, UTC))
        else:
            person = stored
        found.append(person.bytes)
    return pa.array(found, pa.binary(16))


def _ids(column: pa.Array) -> list[UUID | None]:
    raw, valid = bytes_of(column), column.is_valid().to_pylist()
    return [
        UUID(bytes=raw[16 * place : 16 * place + 16]) if is_there else None
        for place, is_there in enumerate(valid)
    ]
