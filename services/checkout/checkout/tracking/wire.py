"""Tracking of orders as messages."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.data.tx import Read
from chassis.rpc.wire import EnumCodec, timestamp
from checkout.delivery.model import DeliveryCarrier
from checkout.orders.model import Order
from checkout.shipments.model import Shipment, ShipmentStatus
from checkout.shipments.queries import find_shipments
from checkout.tracking.model import ParcelStatus, ShipmentEvent
from checkout.tracking.queries import find_carriers, find_shipment_events
from sojourn.checkout.v1 import tracking_pb2 as pb

_STATUSES: Final = EnumCodec(pb.ParcelStatus, ParcelStatus)


async def load_tracking(read: Read, order: Order, *, now: datetime) -> pb.OrderTracking:
    """Returns the parcels of an order as they are now."""
    shipments = await find_shipments(read, [order.id])
    carriers = await find_carriers(read, sorted({each.carrier_code for each in shipments}))
    events: dict[UUID, list[ShipmentEvent]] = defaultdict(list)
    for event in await find_shipment_events(read, [each.id for each in shipments]):
        events[event.shipment_id].append(event)
    return pb.OrderTracking(
        order_id=str(order.id),
        number=order.number or "",
        earliest_on=order.delivery_option.earliest_on.isoformat(),
        latest_on=order.delivery_option.latest_on.isoformat(),
        parcels=[
            _parcel_to_proto(shipment, carriers, events[shipment.id], now=now)
            for shipment in shipments
        ],
    )


def _parcel_to_proto(
    shipment: Shipment,
    carriers: Mapping[str, DeliveryCarrier],
    events: Sequence[ShipmentEvent],
    *,
    now: datetime,
) -> pb.ParcelTracking:
    carrier = carriers.get(shipment.carrier_code)
    return pb.ParcelTracking(
        shipment_id=str(shipment.id),
        carrier=pb.ParcelCarrier(
            code=shipment.carrier_code,
            name=shipment.carrier,
            phone_number=carrier.phone_number if carrier else "",
            email=carrier.email if carrier else "",
            help_url=carrier.help_url if carrier else "",
        ),
        tracking_number=shipment.tracking_number,
        tracking_url=shipment.tracking_url,
        status=_status_of(shipment),
        shipped_at=timestamp(shipment.shipped_at),
        delivered_at=timestamp(shipment.delivered_at),
        late_from=timestamp(shipment.late_from),
        late=shipment.is_late(now),
        events=[_event_to_proto(event) for event in events],
    )


def _status_of(shipment: Shipment) -> pb.ParcelStatus.ValueType:
    if shipment.tracking_status is ParcelStatus.RETURNED:
        return pb.PARCEL_STATUS_RETURNED
    if shipment.status is ShipmentStatus.DELIVERED:
        return pb.PARCEL_STATUS_DELIVERED
    if shipment.tracking_status is None:
        return pb.PARCEL_STATUS_SHIPPED
    return _STATUSES.encode(shipment.tracking_status)


def _event_to_proto(event: ShipmentEvent) -> pb.ParcelEvent:
    proof = None
    if event.signed_by or event.picture_reference:
        proof = pb.ProofOfDelivery(
            signed_by=event.signed_by, picture_reference=event.picture_reference
        )
    return pb.ParcelEvent(
        status=_STATUSES.encode(event.status),
        occurred_at=timestamp(event.occurred_at),
        place=event.place,
        country=event.country,
        note=event.note,
        proof=proof,
    )
