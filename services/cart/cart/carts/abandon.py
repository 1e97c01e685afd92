"""Carts that their shoppers left."""

from uuid import UUID

from cart.carts import events
from cart.carts.links import RestoreLinks
from cart.carts.model import Cart, CartStatus
from cart.carts.store import write_cart
from chassis.data.tx import Tx


async def abandon_cart(tx: Tx, cart_id: UUID, *, version: int, links: RestoreLinks) -> bool:
    """Marks an open cart with lines as abandoned, unless it changed since `version`.

    Returns whether it did. Idempotent.

    The cart stays usable to its owner, and `updated_at` stays the time of the shopper's last
    change.
    """
    cart = await tx.lock(Cart, cart_id)
    if (
        cart is None
        or cart.status is not CartStatus.OPEN
        or not cart.lines
        or cart.version != version
    ):
        return False
    cart.status = CartStatus.ABANDONED
    await write_cart(tx, cart)
    await tx.emit(events.cart_abandoned(cart, links), key=cart.id, synthetic=cart.is_synthetic)
    return True
