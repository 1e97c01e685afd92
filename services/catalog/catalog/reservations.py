"""Reservations: stock kept for an order until a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from catalog.errors import ReservationExpired, ReservationReleased
from catalog.stock import Allocation
from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Row
from chassis.data.tx import Read, Tx

_LOOP: Final = Loop("reservations")


class ReservationStatus(StrEnum):
    HELD = "held"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    EXPIRED = "expired"


TRANSITIONS: Final = {
    ReservationStatus.HELD: {ReservationStatus.CONFIRMED, ReservationStatus.RELEASED, ReservationStatus.EXPIRED},
    ReservationStatus.CONFIRMED: {ReservationStatus.RELEASED},
    ReservationStatus.RELEASED: set[ReservationStatus](),
    ReservationStatus.EXPIRED: set[ReservationStatus](),
}


@dataclass(kw_only=True)
class Reservation(Row, table="reservation"):
    """Stock kept for an order, whose id it has. Released without lines, it is a tombstone: a Reserve that comes late is refused."""

    id: UUID
    channel: str
    status: ReservationStatus = ReservationStatus.HELD
    expires_at: datetime
    created_at: datetime
    updated_at: datetime

    def become(self, status: ReservationStatus, now: datetime) -> None:
        """Raises ReservationReleased or ReservationExpired where the transition is not in TRANSITIONS."""
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


def quantities(allocations: Iterable[Allocation]) -> dict[UUID, int]:
    """Quantities by variant, over all warehouses, in the order of ids."""
    sums: dict[UUID, int] = {}
    for allocation in sorted(allocations):
        sums[allocation.variant_id] = sums.get(allocation.variant_id, 0) + allocation.quantity
    return sums


async def claim(tx: Tx, reservation: Reservation) -> bool:
    """Inserts a reservation; False where its id is there already. Waits for another transaction that inserts the same id."""
    inserted = await tx.run(
        "INSERT INTO reservation (id, channel, status, expires_at, created_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        [reservation.id, reservation.channel, reservation.status, reservation.expires_at, reservation.created_at, reservation.updated_at],
    )
    return inserted == 1


def keep_lines(tx: Tx, reservation_id: UUID, allocations: Sequence[Allocation]) -> None:
    """Stores with the commit from where each quantity was taken."""
    tx.later(
        "INSERT INTO reservation_line (reservation_id, variant_id, warehouse, quantity)"
        " SELECT %s, * FROM unnest(%b::uuid[], %b::text[], %b::bigint[])",
        [
            reservation_id,
            [allocation.variant_id for allocation in allocations],
            [allocation.warehouse for allocation in allocations],
            [allocation.quantity for allocation in allocations],
        ],
    )


async def lines_of(read: Read, reservation_ids: Sequence[UUID]) -> dict[UUID, list[Allocation]]:
    """Allocations by reservation, in the order of (variant, warehouse)."""
    records = await read.fetch(
        "SELECT reservation_id, variant_id, warehouse, quantity FROM reservation_line WHERE reservation_id = ANY(%s)"
        " ORDER BY reservation_id, variant_id, warehouse",
        [list(reservation_ids)],
    )
    found: dict[UUID, list[Allocation]] = {reservation_id: [] for reservation_id in reservation_ids}
    for reservation_id, variant_id, warehouse, quantity in records:
        found[reservation_id].append(Allocation(variant_id, warehouse, quantity))
    return found


async def held_reservations(read: Read, *, made_before: datetime, limit: int) -> list[Reservation]:
    """Reservations still held, oldest first. One that cannot be read is left out."""
    rest = "WHERE status = 'held' AND created_at < %s ORDER BY created_at, id LIMIT %s"
    return await find_readable(read, Reservation, rest, [made_before, limit], loop=_LOOP)
