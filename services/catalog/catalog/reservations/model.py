"""Reservations: stock kept for an order until a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Index,
    and_,
    cast,
    func,
    literal_column,
    text,
)
from sqlmodel import col, select

from catalog.errors import ReservationExpired, ReservationReleased
from catalog.stock.model import Allocation, StockLevel
from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Field, Row, code, counter, states
from chassis.data.statements import columns_sql, one_of, prepare
from chassis.data.tx import Read, Tx

_LOOP: Final = Loop("reservations")


class ReservationStatus(StrEnum):
    HELD = "held"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    EXPIRED = "expired"


TRANSITIONS: Final = {
    ReservationStatus.HELD: {
        ReservationStatus.CONFIRMED,
        ReservationStatus.RELEASED,
        ReservationStatus.EXPIRED,
    },
    ReservationStatus.CONFIRMED: {ReservationStatus.RELEASED},
    ReservationStatus.RELEASED: set[ReservationStatus](),
    ReservationStatus.EXPIRED: set[ReservationStatus](),
}


class Reservation(Row, table=True):
    """Stock kept for an order, whose id it has.

    Released without lines, it is a tombstone: a Reserve that comes late is refused.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        states("status", ReservationStatus),
        Index("reservation_held", "created_at", "id", postgresql_where=text("status = 'held'")),
    )

    id: UUID = Field(primary_key=True)
    channel: str
    status: ReservationStatus = code(ReservationStatus, default=ReservationStatus.HELD)
    expires_at: datetime
    created_at: datetime
    updated_at: datetime

    def become(self, status: ReservationStatus, now: datetime) -> None:
        """Raises ReservationReleased or ReservationExpired if TRANSITIONS lacks the transition."""
        if status not in TRANSITIONS[self.status]:
            self.refuse_if_over()
            raise ReservationReleased(reservation_id=self.id, status=self.status)
        self.status, self.updated_at = status, now

    def refuse_if_over(self) -> None:
        """Raises ReservationReleased or ReservationExpired."""
        match self.status:
            case ReservationStatus.RELEASED:
                raise ReservationReleased(reservation_id=self.id)
            case ReservationStatus.EXPIRED:
                raise ReservationExpired(reservation_id=self.id)
            case ReservationStatus.HELD | ReservationStatus.CONFIRMED:
                return


class ReservationLine(Row, table=True):
    """A quantity of a variant that a reservation took from one warehouse."""

    __tablename__ = "reservation_line"
    __table_args__ = (CheckConstraint("quantity > 0"),)

    reservation_id: UUID = Field(primary_key=True, foreign_key="reservation.id")
    variant_id: UUID = Field(primary_key=True)
    warehouse: str = Field(primary_key=True)
    quantity: int = counter()


class ReservationRestock(Row, table=True):
    """A part of a reservation that went back on hand, by the id that its caller chose."""

    __tablename__ = "reservation_restock"

    id: UUID = Field(primary_key=True)
    reservation_id: UUID = Field(foreign_key="reservation.id")
    created_at: datetime


# Not a parameter: the partial index serves a query that names the status itself.
_is_held: Final[ColumnElement[bool]] = col(Reservation.status) == literal_column("'held'")
_LINES: Final = prepare(
    select(ReservationLine)
    .where(one_of(ReservationLine.reservation_id, "reservation_ids"))
    .order_by(
        col(ReservationLine.reservation_id),
        col(ReservationLine.variant_id),
        col(ReservationLine.warehouse),
    )
)
_KEEP_LINES: Final = (
    f"INSERT INTO reservation_line ({columns_sql(ReservationLine)}) SELECT %s, * FROM "
    "unnest(%s::uuid[], %s::text[], %s::bigint[])"
)
# What is all given back has no row: a quantity is above 0.
_TAKE_LINES: Final = (
    "WITH taken AS (SELECT * FROM unnest(%(variants)s::uuid[], %(warehouses)s::text[],"
    " %(quantities)s::bigint[]) AS t (variant_id, warehouse, quantity)),"
    " emptied AS (DELETE FROM reservation_line l USING taken t WHERE l.reservation_id = %(id)s"
    " AND l.variant_id = t.variant_id AND l.warehouse = t.warehouse AND l.quantity = t.quantity)"
    " UPDATE reservation_line l SET quantity = l.quantity - t.quantity FROM taken t"
    " WHERE l.reservation_id = %(id)s AND l.variant_id = t.variant_id"
    " AND l.warehouse = t.warehouse AND l.quantity > t.quantity"
)
_levels: Final = select(StockLevel).where(col(StockLevel.reserved) > 0).subquery()
_held: Final = (
    select(
        ReservationLine.variant_id,
        ReservationLine.warehouse,
        func.sum(ReservationLine.quantity).label("quantity"),
    )
    .join(Reservation, col(Reservation.id) == col(ReservationLine.reservation_id))
    .where(_is_held)
    .group_by(col(ReservationLine.variant_id), col(ReservationLine.warehouse))
    .subquery()
)
_zero: Final[ColumnElement[int]] = literal_column("0")
_counted: Final = func.coalesce(_levels.c.reserved, _zero)
_owed: Final = func.coalesce(_held.c.quantity, _zero)
_beyond: Final = func.greatest(_owed - func.coalesce(_levels.c.on_hand, _zero), _zero)
_DRIFT: Final = prepare(
    select(
        cast(func.coalesce(func.sum(func.abs(_counted - _owed)), _zero), BigInteger),
        cast(func.coalesce(func.sum(_beyond), _zero), BigInteger),
    ).select_from(
        _levels.join(
            _held,
            and_(
                _levels.c.variant_id == _held.c.variant_id, _levels.c.warehouse == _held.c.warehouse
            ),
            full=True,
        )
    )
)


def quantities(allocations: Iterable[Allocation]) -> dict[UUID, int]:
    """Quantities by variant, over all warehouses, in the order of ids."""
    sums: dict[UUID, int] = {}
    for allocation in sorted(allocations):
        sums[allocation.variant_id] = sums.get(allocation.variant_id, 0) + allocation.quantity
    return sums


async def claim(tx: Tx, reservation: Reservation) -> bool:
    """Inserts a reservation; False where its id is there already.

    Waits for another transaction that inserts the same id.
    """
    return await tx.insert_new(reservation)


def keep_lines(tx: Tx, reservation_id: UUID, allocations: Sequence[Allocation]) -> None:
    """Stores with the commit from where each quantity was taken."""
    tx.deferred.run(
        _KEEP_LINES,
        [
            reservation_id,
            [allocation.variant_id for allocation in allocations],
            [allocation.warehouse for allocation in allocations],
            [allocation.quantity for allocation in allocations],
        ],
    )


async def take_lines(tx: Tx, reservation_id: UUID, allocations: Sequence[Allocation]) -> None:
    """Takes quantities out of the lines of a locked reservation."""
    await tx.run(
        _TAKE_LINES,
        {
            "id": reservation_id,
            "variants": [allocation.variant_id for allocation in allocations],
            "warehouses": [allocation.warehouse for allocation in allocations],
            "quantities": [allocation.quantity for allocation in allocations],
        },
    )


def part_of(
    lines: Iterable[Allocation], wanted: dict[UUID, int], *, first: str, last: str
) -> list[Allocation]:
    """Returns what of some lines makes up the wanted quantities, as far as there is enough.

    Of one variant, the warehouse `first` gives before others, and `last` after them.
    """
    left, taken = dict(wanted), list[Allocation]()
    for line in sorted(
        lines, key=lambda each: (each.warehouse == last, each.warehouse != first, each)
    ):
        if (quantity := min(left.get(line.variant_id, 0), line.quantity)) > 0:
            left[line.variant_id] -= quantity
            taken.append(Allocation(line.variant_id, line.warehouse, quantity))
    return sorted(taken)


async def lines_of(read: Read, reservation_ids: Sequence[UUID]) -> dict[UUID, list[Allocation]]:
    """Allocations by reservation, in the order of (variant, warehouse)."""
    found: dict[UUID, list[Allocation]] = {reservation_id: [] for reservation_id in reservation_ids}
    for line in await read.all(_LINES, reservation_ids=list(reservation_ids)):
        found[line.reservation_id].append(
            Allocation(line.variant_id, line.warehouse, line.quantity)
        )
    return found


async def list_held_reservations(
    read: Read, *, made_before: datetime, limit: int
) -> list[Reservation]:
    """Reservations still held, oldest first. One that cannot be read is left out."""
    oldest_first = select(Reservation).where(_is_held, Reservation.created_at < made_before)
    oldest_first = oldest_first.order_by(col(Reservation.created_at), col(Reservation.id)).limit(
        limit
    )
    return await find_readable(read, Reservation, oldest_first, loop=_LOOP)


async def drift(read: Read) -> tuple[int, int]:
    """Returns the drift of reserved counters from held reservations, and units oversold.

    Both in increments over all levels; one statement, so that both sides are of the same moment.
    """
    return await read.one(_DRIFT) or (0, 0)
