"""Requests for shipments as values."""

from uuid import UUID

from chassis.rpc.ids import parse_id_or
from checkout.errors.orders import OrderLineNotFound
from checkout.shipments.model import NewShipment
from sojourn.checkout.v1 import checkout_pb2 as pb


def shipment_from_proto(request: pb.CreateShipmentRequest) -> NewShipment:
    """Adds up the quantities of lines that occur twice. Raises InvalidId."""
    quantities: dict[UUID, int] = {}
    for line in request.lines:
        line_id = parse_id_or(line.order_line_id, OrderLineNotFound())
        quantities[line_id] = quantities.get(line_id, 0) + line.quantity
    return NewShipment(request.carrier, request.tracking_number, request.tracking_url, quantities)
