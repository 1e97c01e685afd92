"""Events of claims. They embed the claim and its order."""

from checkout.claims.messages import claim_to_proto
from checkout.claims.model import Claim
from checkout.orders.messages import order_to_proto
from checkout.orders.view import OrderView
from sojourn.checkout.v1 import claim_events_pb2 as pb


def claim_changed(claim: Claim, view: OrderView) -> pb.ClaimChanged:
    return pb.ClaimChanged(
        claim=claim_to_proto(claim, view), order=order_to_proto(view), locale=view.order.locale
    )
