"""Events of checkouts."""

from checkout.checkouts.model import Checkout
from sojourn.checkout.v1 import events_pb2 as pb


def checkout_started(checkout: Checkout) -> pb.CheckoutStarted:
    return pb.CheckoutStarted(
        checkout_id=str(checkout.id),
        version=checkout.version,
        owner_id=str(checkout.owner_id),
        cart_id=str(checkout.cart_id),
        channel=checkout.channel_id,
        synthetic=checkout.is_synthetic,
    )
