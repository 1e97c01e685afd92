"""Records in PostgreSQL of the history that lies in files.

The table of files changes by snapshots; `HistoryState` names the snapshot that holds. It changes
in the transaction that deletes the moved rows, so that each reader finds every touchpoint once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger

from chassis.data.rows import Field, Row, code, states
from chassis.data.tx import Read, Tx

_TABLE: Final = "touchpoint"


class HistoryState(Row, table=True):
    """The snapshot of the table of files that holds; one row, or none before the first move."""

    __tablename__ = "history_state"

    table_name: str = Field(primary_key=True)
    snapshot_id: int = Field(sa_type=BigInteger)
    # Touchpoints of this time or later are in PostgreSQL alone.
    moved_before: datetime | None = None
    changed_at: datetime


class ErasedBy(StrEnum):
    """Column by which touchpoints are erased from history."""

    # A customer's: they are named, or they are the guest and no customer is named.
    CUSTOMER = "customer"
    # A handle's without a customer: the visitor, or the guest where there is no visitor.
    HANDLE = "handle"
    # A visitor's, whoever they became.
    VISITOR = "visitor"
    # A guest's without a visitor, whoever they became.
    GUEST = "guest"
    # An import's.
    IMPORT = "import"


class HistoryErasure(Row, table=True):
    """Touchpoints that are to leave the files, and that no scan yields any more.

    Those of `value` not before `since` and before `before`; None is no bound.
    """

    __tablename__ = "history_erasure"
    __table_args__ = (states("erased_by", ErasedBy),)

    id: UUID = Field(primary_key=True)
    erased_by: ErasedBy = code(ErasedBy)
    value: UUID
    since: datetime | None
    before: datetime | None
    requested_at: datetime


class HistoryStray(Row, table=True):
    """A handle whose person changed: its rows may still lie in the files as `person_id`'s.

    `token` is new with each change.
    """

    __tablename__ = "history_stray"

    handle_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    token: UUID


class Erasure(NamedTuple):
    """A rule of what to erase. `before` is exclusive."""

    erased_by: ErasedBy
    value: UUID
    since: datetime | None = None
    before: datetime | None = None


class Stray(NamedTuple):
    """A stray handle, the person under whom its rows lie, and its person as of now."""

    handle_id: UUID
    stored_person_id: UUID
    token: UUID
    group_id: UUID | None
    customer_id: UUID | None
    shared_from: datetime | None
    is_customer: bool

    def person_at(self, at: datetime) -> UUID:
        """Returns whose a touchpoint of this handle without a customer is."""
        if self.is_customer:
            return self.handle_id
        if self.customer_id is not None and (self.shared_from is None or at < self.shared_from):
            return self.customer_id
        return self.group_id or self.handle_id

    @property
    def people(self) -> list[UUID]:
        """All persons to whom touchpoints of this handle may belong."""
        now = [self.customer_id, self.group_id or self.handle_id]
        return [self.stored_person_id, *(id for id in now if id is not None)] + (
            [self.handle_id] if self.is_customer else []
        )


async def find_state(read: Read) -> HistoryState | None:
    """Returns the state of history; None if nothing was moved yet."""
    return await read.get(HistoryState, _TABLE)


async def store_snapshot(tx: Tx, snapshot_id: int, *, moved_before: datetime | None = None) -> None:
    """Makes a snapshot the one that holds; `moved_before` never goes back."""
    await tx.run(
        "INSERT INTO history_state (table_name, snapshot_id, moved_before, changed_at)"
        " VALUES (%(table)s, %(snapshot)s, %(before)s, %(now)s)"
        " ON CONFLICT (table_name) DO UPDATE SET snapshot_id = excluded.snapshot_id, changed_at ="
        " excluded.changed_at, moved_before = greatest(history_state.moved_before,"
        " excluded.moved_before)",
        {"table": _TABLE, "snapshot": snapshot_id, "before": moved_before, "now": tx.now},
    )


async def queue_erasures(tx: Tx, rules: Sequence[Erasure]) -> None:
    """Has history forget touchpoints: at once for scans, and in the files by the next round.

    Does nothing where no history is kept in files.
    """
    if not rules:
        return
    await tx.run(
        "INSERT INTO history_erasure (id, erased_by, value, since, before, requested_at)"
        " SELECT gen_random_uuid(), r.*, %s FROM unnest(%s::text[], %s::uuid[], %s::timestamptz[],"
        " %s::timestamptz[]) AS r WHERE EXISTS (SELECT FROM history_state)",
        [tx.now, *(list(column) for column in zip(*rules, strict=True))],
    )


async def queue_erasure_of_person(
    tx: Tx, person_id: UUID, handles: Sequence[UUID], *, before: datetime | None
) -> None:
    """Has history forget a person's touchpoints before a time, or all.

    Call it before the person's handles change.
    """
    await tx.run(
        _OF_PERSON,
        {"person": person_id, "handles": list(handles), "before": before, "now": tx.now},
    )


async def list_erasures(read: Read) -> dict[UUID, Erasure]:
    """Returns the erasures that the files wait for, by id."""
    found = await read.fetch("SELECT id, erased_by, value, since, before FROM history_erasure")
    return {id: Erasure(ErasedBy(by), *rest) for id, by, *rest in found}


async def delete_erasures(tx: Tx, ids: Iterable[UUID]) -> None:
    """Forgets erasures that the files have seen."""
    await tx.run("DELETE FROM history_erasure WHERE id = ANY(%s)", [list(ids)])


async def note_strays(tx: Tx, handles: Iterable[UUID]) -> None:
    """Keeps under whom the handles' rows lie in the files. Call it before their person changes.

    Does nothing where no history is kept in files.
    """
    await tx.run(_NOTE_STRAYS, {"handles": sorted(handles)})


async def note_strays_of_guests(tx: Tx, guests: Iterable[UUID]) -> None:
    """Does the same for guests, and for the visitors whose touchpoints name them."""
    await tx.run(_NOTE_GUESTS, {"guests": sorted(guests)})


async def list_strays(read: Read) -> list[Stray]:
    """Returns the handles whose rows may lie under other persons than theirs."""
    return [Stray(*record) for record in await read.fetch(_STRAYS)]


async def delete_strays(tx: Tx, strays: Sequence[Stray]) -> None:
    """Forgets strays whose rows lie under their person again, unless they changed meanwhile."""
    await tx.run(
        "DELETE FROM history_stray s USING unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS"
        " d (handle_id, person_id, token) WHERE (s.handle_id, s.person_id, s.token) ="
        " (d.handle_id, d.person_id, d.token)",
        [
            [stray.handle_id for stray in strays],
            [stray.stored_person_id for stray in strays],
            [stray.token for stray in strays],
        ],
    )


_STRAYS: Final[LiteralString] = (
    "SELECT s.handle_id, s.person_id, s.token, m.group_id, m.customer_id, m.shared_from,"
    " c.id IS NOT NULL FROM history_stray s LEFT JOIN person m ON m.handle_id = s.handle_id"
    " LEFT JOIN customer c ON c.id = s.handle_id"
)
_INSERT_STRAYS: Final[LiteralString] = (
    "INSERT INTO history_stray (handle_id, person_id, token)"
    " SELECT handle_id, person_id, gen_random_uuid() FROM ("
    "   SELECT h.id AS handle_id, m.customer_id AS person_id FROM handles h"
    "   JOIN person m ON m.handle_id = h.id WHERE m.customer_id IS NOT NULL"
    "   UNION SELECT h.id, coalesce(m.group_id, h.id) FROM handles h LEFT JOIN person m"
    "   ON m.handle_id = h.id WHERE m.customer_id IS NULL OR m.shared_from IS NOT NULL"
    " ) AS found WHERE EXISTS (SELECT FROM history_state)"
    " ON CONFLICT (handle_id, person_id) DO UPDATE SET token = excluded.token"
)
_NOTE_STRAYS: Final[LiteralString] = (
    "WITH handles AS (SELECT unnest(%(handles)s::uuid[]) AS id) " + _INSERT_STRAYS
)
_NOTE_GUESTS: Final[LiteralString] = (
    "WITH handles AS (SELECT unnest(%(guests)s::uuid[]) AS id UNION SELECT handle_id FROM sighting"
    " WHERE subject_id = ANY(%(guests)s)) " + _INSERT_STRAYS
)
_OF_PERSON: Final[LiteralString] = (
    "INSERT INTO history_erasure (id, erased_by, value, since, before, requested_at)"
    " SELECT gen_random_uuid(), r.*, %(now)s FROM ("
    "   SELECT 'customer', %(person)s::uuid, NULL::timestamptz, %(before)s::timestamptz"
    "   UNION ALL SELECT 'handle', h.id,"
    "     CASE WHEN m.customer_id <> %(person)s THEN m.shared_from END,"
    "     CASE WHEN m.customer_id = %(person)s THEN least(m.shared_from, %(before)s)"
    "     ELSE %(before)s END"
    "   FROM unnest(%(handles)s::uuid[]) AS h (id) LEFT JOIN person m ON m.handle_id = h.id"
    " ) AS r WHERE EXISTS (SELECT FROM history_state)"
)
