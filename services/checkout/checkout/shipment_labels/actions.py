"""Use cases of labels: staff ask for one, and take it back."""

from uuid import UUID

from chassis.data import timers
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7
from checkout.carriers.integration import CarrierIntegrations, LabelMaker
from checkout.delivery.model import DeliveryCarrier
from checkout.errors.delivery import LabelNotFound, LabelNotOffered, ShipmentOver
from checkout.orders.access import audit_order
from checkout.orders.store import lock_order
from checkout.shipment_labels.model import COMPLETE_LABEL, LabelStatus, ShipmentLabel
from checkout.shipment_labels.queries import find_last_label, find_live_label, get_shipment_of
from checkout.shipments.model import ShipmentStatus


async def request_label(
    tx: Tx,
    order_id: UUID,
    shipment_id: UUID,
    carriers: CarrierIntegrations,
    *,
    caller: Caller,
    lease_seconds: float,
) -> ShipmentLabel:
    """Returns the label of a shipment; one that is new is still to be made by the carrier.

    A timer has it made should this process die. Raises OrderNotFound, ShipmentNotFound,
    ShipmentOver, LabelNotOffered.
    """
    order = await lock_order(tx, order_id)
    shipment = await get_shipment_of(tx, order_id, shipment_id)
    if (live := await find_live_label(tx, shipment_id)) is not None:
        return live
    if shipment.status is ShipmentStatus.DELIVERED:
        raise ShipmentOver
    carrier = await tx.get(DeliveryCarrier, shipment.carrier_code)
    integration = carriers.find(carrier.integration) if carrier else None
    if carrier is None or not isinstance(integration, LabelMaker):
        raise LabelNotOffered(carrier=shipment.carrier_code)
    label = ShipmentLabel(
        id=uuid7(),
        shipment_id=shipment_id,
        order_id=order_id,
        integration=carrier.integration,
        requested_by=caller.person_id,
        created_at=tx.now,
    )
    await tx.insert(label)
    await _complete_later(tx, label, lease_seconds)
    after = {"label_id": str(label.id), "shipment_id": str(shipment_id)}
    audit_order(tx, caller, "order.create_label", order, before={}, after=after)
    return label


async def void_label(
    tx: Tx, order_id: UUID, shipment_id: UUID, *, caller: Caller, lease_seconds: float
) -> ShipmentLabel:
    """Returns the label of a shipment, which its carrier is to take back, or took back.

    Raises OrderNotFound, ShipmentNotFound, LabelNotFound.
    """
    order = await lock_order(tx, order_id)
    await get_shipment_of(tx, order_id, shipment_id)
    label = await find_last_label(tx, shipment_id)
    if label is None or label.status is LabelStatus.REFUSED:
        raise LabelNotFound
    if label.status is LabelStatus.READY:
        label.status = LabelStatus.VOIDING
        await tx.update(label)
        await _complete_later(tx, label, lease_seconds)
        after = {"label_id": str(label.id), "shipment_id": str(shipment_id)}
        audit_order(tx, caller, "order.void_label", order, before={}, after=after)
    return label


async def _complete_later(tx: Tx, label: ShipmentLabel, lease_seconds: float) -> None:
    await timers.schedule(tx, COMPLETE_LABEL, str(label.id), tx.now, lease_seconds=lease_seconds)
