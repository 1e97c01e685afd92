"""People: the owners of a visitor's and a guest's touchpoints.

A handle is a visitor id or a guest id. Handles that were seen together are one group; a group
belongs to the customer who was seen with it first (by business time, then id). Customers are never
joined with each other: from the moment when a second customer is seen with a group (a shared
browser), what is done there without a token belongs to the group alone. A handle that staff parted
belongs to nobody else. All of it follows from the sightings and separations, whichever came first.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import Index, bindparam, delete, exists, func, or_, text
from sqlmodel import col, select

from chassis.data.rows import Field, Row
from chassis.data.statements import columns_sql, one_of, prepare
from chassis.data.tx import Read, Tx
from journey.arrays import ids_in
from journey.history.model import note_strays
from journey.touchpoints.model import TouchpointRow

Sightings = Mapping[tuple[UUID, UUID], datetime]
# One id seen with more others is no person's browser but a machine's, and says nothing about who
# they are.
MOST_SIGHTINGS: Final = 200
_LOCK: Final = 0x50_4A_53_54


class Sighting(Row, table=True):
    """Two ids seen together: a visitor with a guest or customer, or a guest with a customer.

    `seen_at` is the first time.
    """

    __tablename__ = "sighting"
    __table_args__ = (Index("sighting_subject", "subject_id"),)

    handle_id: UUID = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    seen_at: datetime


class Customer(Row, table=True):
    """An id that is known to be a customer's."""

    __tablename__ = "customer"

    id: UUID = Field(primary_key=True)


class Separation(Row, table=True):
    """A visitor's or guest's id that staff parted from what it was seen with."""

    __tablename__ = "separation"

    handle_id: UUID = Field(primary_key=True)
    separated_by: UUID
    separated_at: datetime


class PersonRow(Row, table=True):
    """The person to whom touchpoints of a visitor or guest belong, computed from sightings.

    Without a row they are the handle's own.

    Before `shared_from`, or always where it is None, they are the customer's; from then on, or
    without a customer, the group's.
    """

    __tablename__ = "person"
    __table_args__ = (
        Index("person_group", "group_id"),
        Index("person_customer", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
    )

    handle_id: UUID = Field(primary_key=True)
    group_id: UUID
    customer_id: UUID | None
    shared_from: datetime | None


class Person(NamedTuple):
    """A customer, or a group of handles."""

    id: UUID
    is_customer: bool
    handles: tuple[UUID, ...]


async def find_customers(read: Read, ids: Iterable[UUID]) -> set[UUID]:
    """Returns the ids that are known to be customers'."""
    asked = list(ids)
    if not asked:
        return set()
    return set(await read.all(_CUSTOMERS, ids=asked))


async def is_subject(read: Read, id: UUID) -> bool:
    """Returns whether the id is known to be a guest's or a customer's."""
    return bool(await read.one(_IS_SUBJECT, id=id))


async def find_merged_guests(read: Read, guests: Iterable[UUID]) -> dict[UUID, datetime]:
    """Returns since when guests are customers: those of the guests who were seen with one."""
    asked = list(guests)
    if not asked:
        return {}
    return dict(await read.all(_MERGED, ids=asked))


async def find_new_sightings(read: Read, sightings: Sightings) -> dict[tuple[UUID, UUID], datetime]:
    """The sightings that are not known, or that are earlier than what is known."""
    if not sightings:
        return {}
    pairs = list(sightings)
    known = await read.fetch(
        f"SELECT {columns_sql(Sighting, 's')} FROM unnest(%s::uuid[], %s::uuid[]) AS p (handle_id, "
        "subject_id)"
        " JOIN sighting s USING (handle_id, subject_id)",
        [[handle for handle, _ in pairs], [subject for _, subject in pairs]],
    )
    seen = {(handle, subject): at for handle, subject, at in known}
    return {pair: at for pair, at in sightings.items() if pair not in seen or at < seen[pair]}


async def lock_people(tx: Tx) -> None:
    """One transaction at a time changes who is who. Taken before any of its rows is written."""
    await tx.fetch("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


async def insert_customers(tx: Tx, ids: Iterable[UUID]) -> list[UUID]:
    """Keeps that these are customers; returns those that are news."""
    found = await tx.fetch(
        "INSERT INTO customer (id) SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING RETURNING id",
        [sorted(ids)],
    )
    return [id for (id,) in found]


async def insert_sightings(tx: Tx, news: Sightings) -> None:
    """Keeps sightings, each at its earliest time."""
    await tx.run(
        f"INSERT INTO sighting ({columns_sql(Sighting)}) SELECT {columns_sql(Sighting, 'p')}"
        f" FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS p ({columns_sql(Sighting)})"
        " WHERE (SELECT count(*) FROM sighting s WHERE s.handle_id = p.handle_id) < %s"
        " AND (EXISTS (SELECT FROM customer c WHERE c.id = p.subject_id)"
        " OR (SELECT count(*) FROM sighting s WHERE s.subject_id = p.subject_id) < %s)"
        " ON CONFLICT (handle_id, subject_id) DO UPDATE SET seen_at = excluded.seen_at WHERE "
        "excluded.seen_at < sighting.seen_at",
        [
            [handle for handle, _ in news],
            [subject for _, subject in news],
            list(news.values()),
            MOST_SIGHTINGS,
            MOST_SIGHTINGS,
        ],
    )


async def delete_sightings(
    tx: Tx, handles: Sequence[UUID], customer_id: UUID | None = None
) -> None:
    """Forgets who was seen with these handles, or with a customer."""
    await tx.execute(_FORGET_SIGHTINGS, handles=list(handles), customer_id=customer_id)
    await tx.execute(_FORGET_SEPARATIONS, handles=list(handles))


async def regroup_people(tx: Tx, seeds: Iterable[UUID]) -> None:
    """Computes anew whose the handles are, and all that are or were in a group with them."""
    roots = sorted(set(seeds))
    affected = await tx.fetch(
        "SELECT handle_id FROM person WHERE group_id IN (SELECT group_id FROM person WHERE "
        "handle_id = ANY(%(seeds)s))"
        " UNION SELECT unnest(%(seeds)s::uuid[])",
        {"seeds": roots},
    )
    left = {id for (id,) in affected}
    await note_strays(tx, left)
    await tx.execute(_FORGET_PERSONS, handles=sorted(left))
    # A group that grew is reached from its news; what is left over was parted from it.
    while left:
        left -= {id for (id,) in await tx.fetch(_REGROUP, {"roots": roots})}
        roots = sorted(left)


# `reach` walks from each root over sightings of which neither end is a customer. A handle alone,
# without a customer, needs no row.
_PERSON_COLUMNS: Final[LiteralString] = columns_sql(PersonRow)
_REGROUP: Final[LiteralString] = f"""
WITH RECURSIVE reach (root, handle) AS (
    SELECT h, h FROM unnest(%(roots)s::uuid[]) AS h
  UNION
    SELECT r.root, n.handle FROM reach r CROSS JOIN LATERAL (
        SELECT s.subject_id AS handle FROM sighting s WHERE s.handle_id = r.handle
        UNION ALL SELECT s.handle_id FROM sighting s WHERE s.subject_id = r.handle
    ) n
    WHERE NOT EXISTS (SELECT FROM customer c WHERE c.id IN (n.handle, r.handle))
        AND NOT EXISTS (SELECT FROM separation x WHERE x.handle_id IN (n.handle, r.handle))
), grouped AS (
    SELECT root, (array_agg(handle ORDER BY handle))[1] AS group_id FROM reach GROUP BY root
), members AS (
    SELECT DISTINCT r.handle AS handle_id, g.group_id FROM reach r JOIN grouped g USING (root)
), identified AS (
    SELECT g.group_id, s.subject_id AS customer_id, min(s.seen_at) AS at
    FROM members g JOIN sighting s USING (handle_id) JOIN customer c ON c.id = s.subject_id
    WHERE NOT EXISTS (SELECT FROM separation x WHERE x.handle_id = g.handle_id) GROUP BY 1, 2
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY group_id ORDER BY at, customer_id) AS rank FROM
    identified
), whose AS (
    SELECT group_id, (array_agg(customer_id) FILTER (WHERE rank = 1))[1] AS customer_id, min(at)
    FILTER (WHERE rank = 2) AS shared_from
    FROM ranked GROUP BY group_id
), result AS (
    SELECT a.handle_id, a.group_id, coalesce(c.id, w.customer_id) AS customer_id,
        CASE WHEN c.id IS NULL THEN w.shared_from END AS shared_from, count(*) OVER (PARTITION BY
        a.group_id) AS size
    FROM members a LEFT JOIN whose w USING (group_id) LEFT JOIN customer c ON c.id = a.handle_id
), written AS (
    INSERT INTO person ({_PERSON_COLUMNS})
    SELECT {_PERSON_COLUMNS} FROM result WHERE size > 1 OR customer_id IS NOT NULL
    ON CONFLICT (handle_id) DO UPDATE
        SET group_id = excluded.group_id, customer_id = excluded.customer_id, shared_from =
        excluded.shared_from
)
SELECT handle_id FROM members
"""


async def get_person_of_customer(read: Read, customer_id: UUID) -> Person:
    """A customer and the handles whose history is, wholly or at first, theirs."""
    found = await read.all(_OF_CUSTOMER, customer_id=customer_id)
    return Person(customer_id, True, tuple(id for id in found if id != customer_id))


async def get_person_of_handle(read: Read, handle: UUID) -> Person:
    """Returns the person of a visitor or guest."""
    found = await read.get(PersonRow, handle)
    if found is None:
        return Person(handle, False, (handle,))
    if found.customer_id is not None:
        return await get_person_of_customer(read, found.customer_id)
    return Person(found.group_id, False, tuple(await read.all(_OF_GROUP, group_id=found.group_id)))


async def find_unshared_handles(read: Read, customer_id: UUID) -> list[UUID]:
    """The handles that no other customer was seen with."""
    found = await read.all(_UNSHARED, customer_id=customer_id)
    return [id for id in found if id != customer_id]


async def find_guests(read: Read, visitor_id: UUID) -> list[UUID]:
    """The guests that a visitor was seen as."""
    return await read.all(_GUESTS, visitor_id=visitor_id)


_ids: Final = ids_in("ids")
_CUSTOMERS: Final = prepare(select(Customer.id).join(_ids, _ids.c.id == col(Customer.id)))
_IS_SUBJECT: Final = prepare(
    select(
        or_(
            exists().where(col(Customer.id) == bindparam("id")),
            exists().where(col(Sighting.subject_id) == bindparam("id")),
            exists().where(col(TouchpointRow.guest_id) == bindparam("id")),
        )
    )
)
_MERGED: Final = prepare(
    select(Sighting.handle_id, func.min(Sighting.seen_at))
    .join(_ids, _ids.c.id == col(Sighting.handle_id))
    .join(Customer, col(Customer.id) == col(Sighting.subject_id))
    .group_by(col(Sighting.handle_id))
)
_FORGET_SIGHTINGS: Final = prepare(
    delete(Sighting).where(
        or_(
            one_of(Sighting.handle_id, "handles"),
            one_of(Sighting.subject_id, "handles"),
            col(Sighting.subject_id) == bindparam("customer_id"),
        )
    )
)
_FORGET_SEPARATIONS: Final = prepare(
    delete(Separation).where(one_of(Separation.handle_id, "handles"))
)
_FORGET_PERSONS: Final = prepare(delete(PersonRow).where(one_of(PersonRow.handle_id, "handles")))
_OF_CUSTOMER: Final = prepare(
    select(PersonRow.handle_id).where(col(PersonRow.customer_id) == bindparam("customer_id"))
)
_OF_GROUP: Final = prepare(
    select(PersonRow.handle_id).where(col(PersonRow.group_id) == bindparam("group_id"))
)
_UNSHARED: Final = prepare(
    select(PersonRow.handle_id).where(
        col(PersonRow.customer_id) == bindparam("customer_id"), col(PersonRow.shared_from).is_(None)
    )
)
_GUESTS: Final = prepare(
    select(Sighting.subject_id).where(
        col(Sighting.handle_id) == bindparam("visitor_id"),
        ~exists().where(col(Customer.id) == col(Sighting.subject_id)),
    )
)
