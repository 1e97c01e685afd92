"""Events of secret links to orders."""

from checkout.order_links.model import LINK_SECONDS
from checkout.orders.model import Order
from sojourn.checkout.v1 import events_pb2 as pb


def order_link_requested(order: Order, token: str) -> pb.OrderLinkRequested:
    return pb.OrderLinkRequested(
        order_id=str(order.id),
        number=order.number or "",
        email=order.email,
        token=token,
        locale=order.locale,
        channel=order.channel_id,
        valid_seconds=LINK_SECONDS,
    )
