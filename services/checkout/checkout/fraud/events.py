"""Events of reviews. They hold no personal data."""

from chassis.rpc.wire import EnumCodec
from checkout.fraud.model import OrderRisk, ReviewStatus
from checkout.orders.model import Order
from sojourn.checkout.v1 import fraud_pb2 as pb

_STATUSES = EnumCodec(pb.OrderReviewStatus, ReviewStatus)


def order_review_ended(order: Order, risk: OrderRisk) -> pb.OrderReviewEnded:
    assert risk.status is not None, "a review that is over has a status"
    return pb.OrderReviewEnded(
        order_id=str(order.id),
        version=order.version,
        status=_STATUSES.encode(risk.status),
        channel=order.channel_id,
    )
