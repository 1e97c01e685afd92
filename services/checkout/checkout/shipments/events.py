"""Events of shipments. They embed the order and the shipment."""

from checkout.orders.messages import order_to_proto, shipment_to_proto
from checkout.orders.view import OrderView
from checkout.shipments.model import Shipment
from sojourn.checkout.v1 import events_pb2 as pb
from sojourn.checkout.v1 import shipment_events_pb2


def order_shipped(view: OrderView, shipment: Shipment) -> pb.OrderShipped:
    return pb.OrderShipped(
        order=order_to_proto(view),
        shipment=shipment_to_proto(shipment, view),
        locale=view.order.locale,
    )


def shipment_late(view: OrderView, shipment: Shipment) -> shipment_events_pb2.ShipmentLate:
    items, option = view.items_of(shipment), view.order.delivery_option
    positions = {line.position for line in view.lines if line.id in items}
    return shipment_events_pb2.ShipmentLate(
        order=order_to_proto(view),
        shipment=shipment_to_proto(shipment, view),
        promised_on=(option.promised_on(positions) or option.latest_on).isoformat(),
        locale=view.order.locale,
    )


def order_delivered(view: OrderView, shipment: Shipment) -> pb.OrderDelivered:
    return pb.OrderDelivered(
        order=order_to_proto(view),
        shipment=shipment_to_proto(shipment, view),
        locale=view.order.locale,
    )
