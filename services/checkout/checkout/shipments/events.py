"""Events of shipments. They embed the order and the shipment."""

from checkout.orders.messages import order_to_proto, shipment_to_proto
from checkout.orders.view import OrderView
from checkout.shipments.model import Shipment
from sojourn.checkout.v1 import events_pb2 as pb


def order_shipped(view: OrderView, shipment: Shipment) -> pb.OrderShipped:
    return pb.OrderShipped(
        order=order_to_proto(view),
        shipment=shipment_to_proto(shipment, view),
        locale=view.order.locale,
    )


def order_delivered(view: OrderView, shipment: Shipment) -> pb.OrderDelivered:
    return pb.OrderDelivered(
        order=order_to_proto(view),
        shipment=shipment_to_proto(shipment, view),
        locale=view.order.locale,
    )
