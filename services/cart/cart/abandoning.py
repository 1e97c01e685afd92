"""A cart that nobody touched for a while is abandoned, once per silence."""

from datetime import timedelta
from uuid import UUID

from cart.carts import Cart, CartStatus, lines_of
from cart.linking import token_of
from cart.metrics import carts_total
from chassis.db import Tx
from chassis.money import Money
from sojourn.cart.v1 import events_pb2 as events


async def abandon(tx: Tx, cart_id: UUID, *, after_seconds: float, secret: str) -> bool:
    """Abandons an open cart with lines whose last change is old enough, and tells it. Returns whether it did. Idempotent."""
    cart = await tx.lock(Cart, cart_id)
    if cart is None or cart.status is not CartStatus.OPEN or cart.updated_at + timedelta(seconds=after_seconds) > tx.now:
        return False
    lines = await lines_of(tx, cart_id)
    if not lines:
        return False
    cart.become(CartStatus.ABANDONED)
    await tx.update(cart)
    carts_total.labels("abandoned").inc()
    subtotal = sum((Money(line.seen_price_minor, cart.currency).times(line.quantity) for line in lines), Money(0, cart.currency))
    event = events.CartAbandoned(
        cart_id=str(cart.id), version=cart.version, owner_id=str(cart.owner_id), email=cart.email if cart.remind else "",
        locale=cart.locale, channel=cart.channel, subtotal=subtotal.to_proto(),
        lines=[events.AbandonedLine(variant_id=str(line.variant_id), title=line.title, quantity=line.quantity) for line in lines],
        restore_token=token_of(cart.id, secret) if cart.email else "",
    )  # fmt: skip
    event.last_activity_at.FromDatetime(cart.updated_at)
    await tx.emit(event, key=cart.id)
    return True
