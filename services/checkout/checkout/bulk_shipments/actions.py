"""Use case of bulk shipments: each parcel ships in a transaction of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.rpc.errors import DomainError, Invalid, NotFound, Refused
from checkout.bulk_shipments.model import (
    BulkShipmentStatus,
    Parcel,
    RowResult,
    ShipmentRow,
    parcels_of,
)
from checkout.bulk_shipments.queries import find_numbered_order
from checkout.orders.queries import find_order_lines
from checkout.orders.store import lock_order
from checkout.shipments.actions import create_shipment
from checkout.shipments.model import NewShipment
from checkout.shipments.promises import Promises
from checkout.shipments.queries import find_shipments


@dataclass(frozen=True, slots=True)
class BulkRun:
    """A call that ships rows. `key` names it; a dry run ships nothing."""

    caller: Caller
    key: str
    promises: Promises
    is_dry_run: bool


class _DryRun(Exception):
    """Rolls a transaction back that shipped to see whether it can."""


async def ship_orders(
    database: Database, rows: Sequence[ShipmentRow], run: BulkRun
) -> list[RowResult]:
    """Ships parcel by parcel, and returns the results by row. A refusal stops no other parcel.

    Idempotent: a parcel with a tracking number ships once, one without once a key of a run. An
    error that is no refusal, e.g. of the database, ends the call; a repeat goes on where it ended.
    """
    results: list[RowResult] = []
    for parcel in parcels_of(rows):
        results += await _ship(database, parcel, run)
    return sorted(results, key=lambda each: each.row.number)


async def _ship(database: Database, parcel: Parcel, run: BulkRun) -> list[RowResult]:
    order_id: UUID | None = None
    shipped: tuple[UUID, BulkShipmentStatus] | None = None
    try:
        async with database.read() as read:
            order_id = await find_numbered_order(read, parcel.first)
        try:
            async with database.tx() as tx:
                shipped = await _ship_parcel(tx, order_id, parcel, run)
                if run.is_dry_run:
                    raise _DryRun
        except _DryRun:
            pass
    except (Invalid, NotFound, Refused) as error:
        return [_refusal(row, order_id, error) for row in parcel.rows]
    assert shipped is not None
    shipment_id, status = shipped
    is_there = status is BulkShipmentStatus.SHIPPED_BEFORE or not run.is_dry_run
    return [
        RowResult(row, status, order_id, shipment_id if is_there else None) for row in parcel.rows
    ]


async def _ship_parcel(
    tx: Tx, order_id: UUID, parcel: Parcel, run: BulkRun
) -> tuple[UUID, BulkShipmentStatus]:
    """Returns the id of the shipment, and whether it was there before."""
    await lock_order(tx, order_id)
    shipment_id, first = parcel.shipment_id(order_id, run.key), parcel.first
    for each in await find_shipments(tx, [order_id]):
        is_same = first.tracking_number == each.tracking_number != "" and (
            first.carrier == each.carrier or first.carrier.lower() == each.carrier_code
        )
        if each.id == shipment_id or is_same:
            return each.id, BulkShipmentStatus.SHIPPED_BEFORE
    quantities = parcel.quantities(await find_order_lines(tx, [order_id]))
    new = NewShipment(
        first.carrier, first.tracking_number, first.tracking_url, quantities, shipment_id
    )
    await create_shipment(tx, order_id, new, caller=run.caller, promises=run.promises)
    return shipment_id, BulkShipmentStatus.SHIPPED


def _refusal(row: ShipmentRow, order_id: UUID | None, error: DomainError) -> RowResult:
    return RowResult(
        row,
        BulkShipmentStatus.REFUSED,
        order_id,
        reason=error.reason,
        problem=error.message,
    )
