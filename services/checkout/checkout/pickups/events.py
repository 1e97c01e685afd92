"""Events of orders that are picked up. They embed the order."""

from checkout.orders.messages import order_to_proto
from checkout.orders.view import OrderView
from checkout.pickups.model import Pickup
from sojourn.checkout.v1 import pickup_events_pb2 as pb


def order_ready_for_pickup(view: OrderView, pickup: Pickup) -> pb.OrderReadyForPickup:
    return pb.OrderReadyForPickup(
        order=order_to_proto(view), pickup_code=pickup.code, locale=view.order.locale
    )


def pickup_reminder_due(view: OrderView, pickup: Pickup) -> pb.PickupReminderDue:
    return pb.PickupReminderDue(
        order=order_to_proto(view), pickup_code=pickup.code, locale=view.order.locale
    )


def order_collected(view: OrderView) -> pb.OrderCollected:
    return pb.OrderCollected(order=order_to_proto(view), locale=view.order.locale)
