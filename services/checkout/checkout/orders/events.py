"""Events of orders. They embed the order."""

from checkout.checkouts.contacts import digest_email
from checkout.orders.messages import order_to_proto
from checkout.orders.view import OrderView
from sojourn.checkout.v1 import events_pb2 as pb


def order_placed(view: OrderView) -> pb.OrderPlaced:
    order = view.order
    return pb.OrderPlaced(
        order=order_to_proto(view),
        locale=order.locale,
        cart_id=str(order.cart_id),
        email_digest=digest_email(order.email),
    )


def order_refused(view: OrderView) -> pb.OrderRefused:
    order = view.order
    return pb.OrderRefused(
        order_id=str(order.id),
        version=order.version,
        owner_id=str(order.owner_id),
        reason=order.refusal_reason,
        cart_id=str(order.cart_id),
        channel=order.channel_id,
        synthetic=order.is_synthetic,
    )


def order_cancelled(view: OrderView) -> pb.OrderCancelled:
    order = view.order
    return pb.OrderCancelled(
        order=order_to_proto(view),
        locale=order.locale,
        cart_id=str(order.cart_id),
        email_digest=digest_email(order.email),
    )
