"""Reads of labels."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from checkout.errors.delivery import LabelNotFound
from checkout.errors.orders import OrderNotFound, ShipmentNotFound
from checkout.orders.model import Order
from checkout.shipment_labels.model import LabelFile, LabelStatus, ShipmentLabel
from checkout.shipments.model import Shipment

_OVER: Final = (LabelStatus.VOIDED, LabelStatus.REFUSED)
_OF_SHIPMENT: Final = prepare(
    select(ShipmentLabel)
    .where(col(ShipmentLabel.shipment_id) == bindparam("shipment_id"))
    .order_by(col(ShipmentLabel.id).desc())
)


async def find_last_label(read: Read, shipment_id: UUID) -> ShipmentLabel | None:
    """Returns the newest label of a shipment, void or refused ones too."""
    return next(iter(await read.all(_OF_SHIPMENT, shipment_id=shipment_id)), None)


async def find_live_label(read: Read, shipment_id: UUID) -> ShipmentLabel | None:
    """Returns the label of a shipment that is neither void nor refused."""
    found = await find_last_label(read, shipment_id)
    return None if found is None or found.status in _OVER else found


async def get_shipment_of(read: Read, order_id: UUID, shipment_id: UUID) -> Shipment:
    """Returns a shipment of an order. Raises OrderNotFound, ShipmentNotFound."""
    if await read.get(Order, order_id) is None:
        raise OrderNotFound
    shipment = await read.get(Shipment, shipment_id)
    if shipment is None or shipment.order_id != order_id:
        raise ShipmentNotFound
    return shipment


async def get_label_file(read: Read, shipment_id: UUID) -> tuple[ShipmentLabel, LabelFile]:
    """Returns the label of a shipment and its file. Raises LabelNotFound."""
    label = await find_live_label(read, shipment_id)
    file = await read.get(LabelFile, label.id) if label else None
    if label is None or file is None:
        raise LabelNotFound
    return label, file
