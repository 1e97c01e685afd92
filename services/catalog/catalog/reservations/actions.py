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
from catalog.bundles.model import Part, available_bundles, expand, parts_of
from catalog.channels.model import Channel
from catalog.digital_goods.bundled import digital_among, keep_digital_parts
from catalog.digital_goods.pool import assign_keys, return_keys
from catalog.digital_goods.queries import special_among
from catalog.errors import (
    InvalidReservation,
    OutOfStock,
    ReservationNotFound,
    UnknownWarehouse,
)
from catalog.pickup_locations.model import PickupLocation
from catalog.reservations import model as reservations
from catalog.reservations.model import (
    Reservation,
    ReservationRestock,
    ReservationStatus,
)
from catalog.stock import ledger
from catalog.stock import model as stock
from catalog.stock.changed_levels import CatalogContext as CatalogContext
from catalog.stock.changed_levels import apply_changes, publish_levels
from catalog.stock.ledger import Change, Entry, StockReason
from catalog.stock.model import PROMISED, Allocation, StockLevel
from catalog.stock.promises import changes_of_restock, fill_promises
from catalog.warehouses.model import keep_warehouses
from chassis.data import timers
from chassis.data.tx import Tx
from chassis.rpc.errors import KeyReused

EXPIRY: Final = "reservation_expiry"


@dataclass(frozen=True, slots=True)
class Held:
    """A reservation with where its stock was taken from."""

    reservation: Reservation
    lines: list[Allocation]


@dataclass(frozen=True, slots=True)
class Restock:
    """A part of a reservation to put back on hand.

    An empty warehouse is the one that each line came from. `is_return` says that goods came back,
    which were not there in between.
    """

    id: UUID
    reservation_id: UUID
    lines: Sequence[tuple[UUID, int]]
    is_return: bool = False
    warehouse: str = ""


@dataclass(frozen=True, slots=True)
class ServedBy:
    """The codes of a channel and of a pick-up location whose warehouses give stock.

    Empty ones are the default channel, and no location.
    """

    channel: str = ""
    pickup_location: str = ""


async def reserve(
    tx: Tx,
    context: CatalogContext,
    reservation_id: UUID,
    lines: Sequence[tuple[UUID, int]],
    *,
    expires_at: datetime,
    served_by: ServedBy = ServedBy(),
) -> Held:
    """Reserves all lines or none until `expires_at`; of a bundle, its parts.

    The warehouse of a pick-up location gives what it has before those of the channel.

    What never sells out takes nothing.

    A repeat answers what the first call did.

    Raises InvalidReservation, OutOfStock, KeyReused (other lines before), ReservationReleased,
    ReservationExpired.
    """
    asked = _wanted(lines)
    special = await special_among(tx, asked)
    bundles = await parts_of(tx, special.bundles)
    digital = digital_among(bundles)
    if digital:
        special = special.with_those(await special_among(tx, digital))
    needed = {
        id: [part for part in parts if part.part_id not in special.endless]
        for id, parts in bundles.items()
    }
    wanted = expand({id: asked[id] for id in asked if id not in special.endless}, needed)
    if expires_at <= tx.now:
        raise InvalidReservation("expires_at must be in the future")
    channel = context.channels.channel(served_by.channel)
    reservation = Reservation(
        id=reservation_id,
        channel=channel.code,
        expires_at=expires_at,
        created_at=tx.now,
        updated_at=tx.now,
    )
    if not await reservations.claim(tx, reservation):
        return await _repeated(tx, reservation_id, wanted)
    levels = await stock.lock_levels(tx, wanted)
    try:
        # Of what needs licence keys, nothing else counts.
        usable = [
            level
            for level in levels
            if level.variant_id not in special.keyed or level.warehouse == stock.DIGITAL
        ]
        store = await _store_of(tx, served_by.pickup_location)
        allocations = stock.allocate(wanted, usable, stock.serving(channel, first=store))
    except OutOfStock as error:
        metrics.reservations.labels("refused").inc()
        raise _as_asked(error, asked, needed, channel, levels) from None
    reservations.keep_lines(tx, reservation_id, allocations)
    await keep_digital_parts(tx, reservation_id, bundles, digital)
    await timers.schedule(tx, EXPIRY, str(reservation_id), expires_at)
    await _move(tx, context, levels, allocations, sign=1)
    metrics.reservations.labels("held").inc()
    return Held(reservation, allocations)


async def _store_of(tx: Tx, pickup_location: str) -> str:
    """Returns the warehouse of a pick-up location; empty for none, or one that is gone."""
    location = await tx.get(PickupLocation, pickup_location) if pickup_location else None
    return location.warehouse if location else ""


async def confirm_reservation(tx: Tx, reservation_id: UUID) -> Held:
    """Takes reserved stock for good, and the licence keys of the order with it.

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
    taken = [
        Change(line.variant_id, line.warehouse, -line.quantity, -line.quantity, StockReason.SALE)
        for line in held.lines
    ]
    await ledger.change_levels(tx, taken, Entry(reference=str(reservation_id)))
    await assign_keys(tx, reservation_id, held.lines)
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
        case ReservationStatus.CONFIRMED | ReservationStatus.HELD as status:
            was_taken = status is ReservationStatus.CONFIRMED
    held.reservation.become(ReservationStatus.RELEASED, tx.now)
    tx.deferred.update(held.reservation)
    levels = await stock.lock_levels(tx, {line.variant_id for line in held.lines})
    if was_taken:
        await _restock(tx, context, levels, held)
    else:
        await _move(tx, context, levels, held.lines, sign=-1)
    metrics.reservations.labels("released").inc()
    return held


async def restock_reservation(tx: Tx, context: CatalogContext, restock: Restock) -> Held:
    """Puts a part of what a confirmed reservation took back on hand; of a bundle, its parts.

    Without lines the warehouse is checked alone. A repeat changes nothing. More than the
    reservation still has stays out: a bundle may have had other parts when it was reserved. One
    that is not confirmed has nothing to put back.

    Raises InvalidReservation, ReservationNotFound, UnknownWarehouse.
    """
    asked = _wanted(restock.lines)
    held = await _lock(tx, restock.reservation_id)
    if restock.warehouse and not await keep_warehouses(tx, [restock.warehouse]):
        raise UnknownWarehouse(path="warehouse", warehouse=restock.warehouse[:40])
    if not asked:
        return held
    made = ReservationRestock(
        id=restock.id, reservation_id=restock.reservation_id, created_at=tx.now
    )
    if not await tx.insert_new(made):
        return held
    if held.reservation.status is not ReservationStatus.CONFIRMED:
        return held
    wanted = expand(asked, await parts_of(tx, (await special_among(tx, asked)).bundles))
    # What was not there yet is cancelled first, and comes back last.
    first, last = ("", PROMISED) if restock.is_return else (PROMISED, "")
    taken = reservations.part_of(held.lines, wanted, first=first, last=last)
    if not taken:
        return held
    await reservations.take_lines(tx, restock.reservation_id, taken)
    levels = await stock.lock_levels(tx, {line.variant_id for line in taken})
    part = Held(held.reservation, taken)
    await _restock(tx, context, levels, part, arrival=restock if restock.is_return else None)
    metrics.reservations.labels("restocked").inc()
    left = await reservations.lines_of(tx, [restock.reservation_id])
    return Held(held.reservation, left[restock.reservation_id])


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
    await _move(tx, context, levels, lines, sign=-1)
    await tx.emit(events.reservation_expired(reservation_id), key=reservation_id)
    metrics.reservations.labels("expired").inc()
    return True


def _as_asked(
    error: OutOfStock,
    asked: Mapping[UUID, int],
    bundles: Mapping[UUID, Sequence[Part]],
    channel: Channel,
    levels: Sequence[StockLevel],
) -> OutOfStock:
    """Returns a refusal that names the bundle which a missing part is for, where it is for one."""
    missing = error.metadata.get("variant_id", "")
    if any(str(variant_id) == missing for variant_id in asked if variant_id not in bundles):
        return error
    for bundle_id, parts in bundles.items():
        if any(str(part.part_id) == missing for part in parts):
            available = available_bundles(channel, parts, stock.counts_of(levels))
            return OutOfStock(variant_id=bundle_id, available=available)
    return error


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


async def _restock(
    tx: Tx,
    context: CatalogContext,
    levels: Sequence[StockLevel],
    held: Held,
    *,
    arrival: Restock | None = None,
) -> None:
    """Puts what was taken for good back on hand: what never left, or what arrived again."""
    channel = context.channels.by_code.get(held.reservation.channel) or context.channels.default
    main = channel.warehouses[0]
    # Keys that a buyer may have seen do not come back.
    lines = await return_keys(tx, held.reservation.id, held.lines)
    back = (
        _changes_of_return(lines, arrival.warehouse, main)
        if arrival
        else await changes_of_restock(tx, levels, lines, main)
    )
    there = {(level.variant_id, level.warehouse) for level in levels}
    if missing := [each for each in back if (each.variant_id, each.warehouse) not in there]:
        await ledger.open_levels(tx, {(each.variant_id, each.warehouse): 0 for each in missing})
        levels = await stock.lock_levels(tx, {line.variant_id for line in held.lines})
    before = [level.copy_row() for level in levels]
    apply_changes(levels, back)
    entry = Entry(reference=str(held.reservation.id))
    await ledger.change_levels(tx, back, entry)
    if arrival:
        await fill_promises(tx, levels, back, entry)
    await publish_levels(tx, context, before, levels)


def _changes_of_return(lines: Iterable[Allocation], warehouse: str, main: str) -> list[Change]:
    """Changes of goods that came back to a warehouse, or each to where it came from.

    What was sold before it was there came from wherever it arrived: it goes to `main`.
    """
    back: dict[tuple[UUID, str], int] = {}
    for line in lines:
        came_from = main if line.warehouse == PROMISED else line.warehouse
        is_digital = line.warehouse == stock.DIGITAL
        place = (line.variant_id, came_from if is_digital else warehouse or came_from)
        back[place] = back.get(place, 0) + line.quantity
    return [
        Change(variant_id, place, quantity, reason=StockReason.RETURN)
        for (variant_id, place), quantity in sorted(back.items())
    ]


async def _move(
    tx: Tx,
    context: CatalogContext,
    levels: Sequence[StockLevel],
    lines: Iterable[Allocation],
    *,
    sign: int,
) -> None:
    """Reserves lines of locked levels or gives them back (`sign` -1), and publishes the effect."""
    lines = list(lines)
    before = [level.copy_row() for level in levels]
    await ledger.hold(tx, lines, sign=sign)
    moved = {(line.variant_id, line.warehouse): line.quantity for line in lines}
    for level in levels:
        level.reserved += sign * moved.get((level.variant_id, level.warehouse), 0)
    await publish_levels(tx, context, before, levels)
