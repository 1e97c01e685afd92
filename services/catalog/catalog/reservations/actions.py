"""Reserving stock for orders: reserve, confirm, release, expire.

Locks are taken in one order by everybody: the reservation, stock levels by (variant, warehouse),
then products by id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from catalog import events, metrics
from catalog.categories.model import CategoryTree
from catalog.channels.model import Channels
from catalog.errors import InvalidReservation, OutOfStock, ReservationNotFound
from catalog.listings.publish import reclassify
from catalog.reservations import model as reservations
from catalog.reservations.model import Reservation, ReservationStatus
from catalog.stock import model as stock
from catalog.stock.model import Allocation, Available, StockLevel
from chassis.data import timers
from chassis.data.tx import Tx
from chassis.rpc.errors import KeyReused

EXPIRY: Final = "reservation_expiry"


@dataclass(frozen=True, slots=True)
class CatalogContext:
    """Channels, whose warehouses hold the stock, and the tree, which product events name."""

    channels: Channels
    tree: CategoryTree


@dataclass(frozen=True, slots=True)
class Held:
    """A reservation with where its stock was taken from."""

    reservation: Reservation
    lines: list[Allocation]


async def reserve(
    tx: Tx,
    context: CatalogContext,
    reservation_id: UUID,
    lines: Sequence[tuple[UUID, int]],
    *,
    expires_at: datetime,
    channel: str = "",
) -> Held:
    """Reserves all lines or none until `expires_at`.

    A repeat answers what the first call did.

    Raises InvalidReservation, OutOfStock, KeyReused (other lines before), ReservationReleased,
    ReservationExpired.
    """
    wanted = _wanted(lines)
    if expires_at <= tx.now:
        raise InvalidReservation("expires_at must be in the future")
    served_by = context.channels.channel(channel)
    reservation = Reservation(
        id=reservation_id,
        channel=served_by.code,
        expires_at=expires_at,
        created_at=tx.now,
        updated_at=tx.now,
    )
    if not await reservations.claim(tx, reservation):
        return await _repeated(tx, reservation_id, wanted)
    levels = await stock.lock_levels(tx, wanted)
    try:
        allocations = stock.allocate(wanted, levels, served_by.warehouses)
    except OutOfStock:
        metrics.reservations.labels("refused").inc()
        raise
    reservations.keep_lines(tx, reservation_id, allocations)
    await timers.schedule(tx, EXPIRY, str(reservation_id), expires_at)
    await _move(tx, context, levels, allocations, reserved=1)
    metrics.reservations.labels("held").inc()
    return Held(reservation, allocations)


async def confirm_reservation(tx: Tx, reservation_id: UUID) -> Held:
    """Takes reserved stock for good.

    A repeat changes nothing. What is still held can be confirmed, also after its time.

    Raises ReservationNotFound, ReservationReleased, ReservationExpired.
    """
    held = await _lock(tx, reservation_id)
    if held.reservation.status is ReservationStatus.CONFIRMED:
        return held
    held.reservation.become(ReservationStatus.CONFIRMED, tx.now)
    tx.deferred.update(held.reservation)
    await stock.lock_levels(tx, {line.variant_id for line in held.lines})
    # On hand and reserved fall together: what is available, and so its class, stays.
    await stock.move(tx, held.lines, on_hand=-1, reserved=-1)
    metrics.reservations.labels("confirmed").inc()
    return held


async def release_reservation(
    tx: Tx, context: CatalogContext, reservation_id: UUID, *, restock: bool
) -> Held:
    """Gives reserved stock back; with `restock`, confirmed stock too.

    A repeat changes nothing.

    An unknown id leaves a tombstone. Confirmed stock without `restock` stays taken, and the
    reservation confirmed.
    """
    tombstone = Reservation(
        id=reservation_id,
        channel=context.channels.default.code,
        status=ReservationStatus.RELEASED,
        expires_at=tx.now,
        created_at=tx.now,
        updated_at=tx.now,
    )
    if await reservations.claim(tx, tombstone):
        metrics.reservations.labels("tombstone").inc()
        return Held(tombstone, [])
    held = await _lock(tx, reservation_id)
    match held.reservation.status:
        case ReservationStatus.RELEASED | ReservationStatus.EXPIRED:
            return held
        case ReservationStatus.CONFIRMED if not restock:
            return held
        case ReservationStatus.CONFIRMED:
            deltas = {"on_hand": 1}
        case ReservationStatus.HELD:
            deltas = {"reserved": -1}
    held.reservation.become(ReservationStatus.RELEASED, tx.now)
    tx.deferred.update(held.reservation)
    levels = await stock.lock_levels(tx, {line.variant_id for line in held.lines})
    await _move(tx, context, levels, held.lines, **deltas)
    metrics.reservations.labels("released").inc()
    return held


async def expire_reservation(tx: Tx, context: CatalogContext, reservation_id: UUID) -> bool:
    """Gives the stock of a reservation back whose time is over, and emits ReservationExpired.

    False where there is nothing to do.
    """
    reservation = await tx.lock(Reservation, reservation_id)
    if (
        reservation is None
        or reservation.status is not ReservationStatus.HELD
        or reservation.expires_at > tx.now
    ):
        return False
    lines = (await reservations.lines_of(tx, [reservation_id]))[reservation_id]
    reservation.become(ReservationStatus.EXPIRED, tx.now)
    tx.deferred.update(reservation)
    levels = await stock.lock_levels(tx, {line.variant_id for line in lines})
    await _move(tx, context, levels, lines, reserved=-1)
    await tx.emit(events.reservation_expired(reservation_id), key=reservation_id)
    metrics.reservations.labels("expired").inc()
    return True


def _wanted(lines: Sequence[tuple[UUID, int]]) -> dict[UUID, int]:
    wanted = dict(sorted(lines))
    if len(wanted) != len(lines):
        raise InvalidReservation("names each variant once")
    return wanted


async def _repeated(tx: Tx, reservation_id: UUID, wanted: Mapping[UUID, int]) -> Held:
    held = await _lock(tx, reservation_id)
    held.reservation.refuse_if_over()
    if reservations.quantities(held.lines) != wanted:
        raise KeyReused("this reservation was made with other lines", reservation_id=reservation_id)
    return held


async def _lock(tx: Tx, reservation_id: UUID) -> Held:
    reservation = await tx.lock(Reservation, reservation_id)
    if reservation is None:
        raise ReservationNotFound(reservation_id=reservation_id)
    return Held(reservation, (await reservations.lines_of(tx, [reservation_id]))[reservation_id])


async def _move(
    tx: Tx,
    context: CatalogContext,
    levels: Sequence[StockLevel],
    lines: Iterable[Allocation],
    *,
    on_hand: int = 0,
    reserved: int = 0,
) -> None:
    """Moves locked stock, and publishes the variants whose availability class changed by it."""
    lines = list(lines)
    await stock.move(tx, lines, on_hand=on_hand, reserved=reserved)
    moved = {(line.variant_id, line.warehouse): line.quantity for line in lines}
    before = stock.counts_of(levels)
    after = [
        (
            variant_id,
            warehouse,
            available + (on_hand - reserved) * moved.get((variant_id, warehouse), 0),
        )
        for variant_id, warehouse, available in before
    ]
    await publish_availability(tx, context, before, after)


async def publish_availability(
    tx: Tx, context: CatalogContext, before: Sequence[Available], after: Sequence[Available]
) -> None:
    """Publishes variants whose availability class differs between two states of their levels."""
    was, is_now = (
        stock.classes_of(context.channels, before),
        stock.classes_of(context.channels, after),
    )
    changed = {
        variant_id
        for (channel, variant_id), kind in is_now.items()
        if was.get((channel, variant_id)) is not kind
    }
    if changed:
        await reclassify(tx, context.channels, context.tree, sorted(changed))
