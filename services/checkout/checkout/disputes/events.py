"""Events of disputes. They hold no personal data."""

from checkout.disputes.messages import dispute_to_proto
from checkout.disputes.model import PaymentDispute
from checkout.orders.model import Order
from sojourn.checkout.v1 import disputes_pb2 as pb


def payment_dispute_changed(order: Order, dispute: PaymentDispute) -> pb.PaymentDisputeChanged:
    return pb.PaymentDisputeChanged(
        order_id=str(order.id),
        version=order.version,
        dispute=dispute_to_proto(dispute),
        channel=order.channel_id,
        owner_id=str(order.owner_id),
        number=order.number or "",
    )
