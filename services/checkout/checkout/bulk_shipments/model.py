"""Rows of a bulk shipment, the parcels that they make, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from checkout.errors.orders import NothingToShip, OrderLineNotFound, QuantityExceedsOrdered
from checkout.orders.model import OrderLine


class BulkShipmentStatus(StrEnum):
    """Results of a row."""

    SHIPPED = "shipped"
    SHIPPED_BEFORE = "shipped_before"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRow:
    """A row: a quantity of a SKU of an order, or all of it that has not shipped."""

    number: int
    order_number: str
    carrier: str
    tracking_number: str = ""
    tracking_url: str = ""
    sku: str = ""
    quantity: int = 0
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Rows of one order, carrier and tracking number: a shipment."""

    rows: Sequence[ShipmentRow]

    @property
    def first(self) -> ShipmentRow:
        return self.rows[0]

    def shipment_id(self, order_id: UUID, key: str) -> UUID:
        """Returns the id of its shipment: one a tracking number, or without one a key and row.

        `key` names the call, so that a repeat of it ships nothing twice.
        """
        first = self.first
        mark = first.tracking_number or f"{key}:{first.number}"
        return uuid5(NAMESPACE_URL, f"shipment:{order_id}:{first.carrier}:{mark}")

    def quantities(self, lines: Sequence[OrderLine]) -> dict[UUID, int]:
        """Returns the steps by order line; empty for all that has not shipped.

        Raises OrderLineNotFound, QuantityExceedsOrdered, NothingToShip.
        """
        if any(not row.sku for row in self.rows):
            return {}
        found: dict[UUID, int] = {}
        for row in self.rows:
            for line_id, quantity in _of_sku(row, lines, found).items():
                found[line_id] = found.get(line_id, 0) + quantity
        return found


@dataclass(frozen=True, slots=True)
class RowResult:
    """The result of a row."""

    row: ShipmentRow
    status: BulkShipmentStatus
    order_id: UUID | None = None
    shipment_id: UUID | None = None
    reason: str = ""
    problem: str = ""


def parcels_of(rows: Sequence[ShipmentRow]) -> list[Parcel]:
    """Returns the parcels that rows make, in the order of their first rows.

    Rows without a tracking number are one parcel if they name the same order and carrier.
    """
    found: dict[tuple[str, str, str, str], list[ShipmentRow]] = {}
    for row in rows:
        place = (row.channel, row.order_number, row.carrier, row.tracking_number)
        found.setdefault(place, []).append(row)
    return [Parcel(each) for each in found.values()]


def _of_sku(
    row: ShipmentRow, lines: Sequence[OrderLine], taken: dict[UUID, int]
) -> dict[UUID, int]:
    """Returns the steps of a row by line, of what other rows leave."""
    of_sku = [line for line in lines if line.sku == row.sku]
    if not of_sku:
        raise OrderLineNotFound(sku=row.sku)
    left = {line.id: line.unshipped_quantity - taken.get(line.id, 0) for line in of_sku}
    wanted = row.quantity or sum(left.values())
    if not wanted:
        raise NothingToShip(sku=row.sku)
    if wanted > sum(left.values()):
        raise QuantityExceedsOrdered(sku=row.sku, unshipped_quantity=sum(left.values()))
    found: dict[UUID, int] = {}
    for line_id, quantity in left.items():
        part = min(quantity, wanted - sum(found.values()))
        if part:
            found[line_id] = part
    return found
