"""Carts that nobody comes back to."""

from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from cart import carts
from cart.carts import Cart, CartStatus
from cart.links import RestoreLinks
from chassis.data.tx import Tx
from chassis.money import MOST_MINOR, Money
from chassis.rpc import wire
from sojourn.cart.v1 import events_pb2


async def abandon(tx: Tx, cart_id: UUID, *, version: int, links: RestoreLinks) -> bool:
    """Marks an open cart with lines as abandoned, unless it changed since `version`. Returns whether it did. Idempotent.

    The cart stays usable to its owner. Its last change stays the shopper's.
    """
    cart = await tx.lock(Cart, cart_id)
    if cart is None or cart.status is not CartStatus.OPEN or not cart.lines or cart.version != version:
        return False
    cart.status = CartStatus.ABANDONED
    await carts.must_write(tx, cart)
    await tx.emit(_event(cart, links), key=cart.id, synthetic=cart.is_synthetic)
    return True


def _event(cart: Cart, links: RestoreLinks) -> events_pb2.CartAbandoned:
    last_activity_at = Timestamp()
    last_activity_at.FromDatetime(cart.updated_at)
    # Prices may have risen since it was filled.
    subtotal_minor = min(sum(line.seen.subtotal_minor(line.quantity) for line in cart.lines), MOST_MINOR)
    return events_pb2.CartAbandoned(
        cart_id=str(cart.id),
        version=cart.version,
        owner_id=str(cart.owner_id),
        email=cart.email if cart.may_remind else "",
        locale=cart.locale,
        channel=cart.channel,
        lines=[
            events_pb2.AbandonedLine(
                variant_id=str(line.variant_id), title=line.seen.title, quantity=wire.quantity(line.seen.quantity_of(line.quantity))
            )
            for line in cart.lines
        ],
        last_activity_at=last_activity_at,
        restore_token=links.token_of(cart.id) if cart.email else "",
        subtotal=Money(subtotal_minor, cart.currency).to_proto(),
    )
