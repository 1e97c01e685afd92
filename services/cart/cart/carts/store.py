"""Locks and writes of carts, with the timer that finds them abandoned."""

from datetime import timedelta
from uuid import UUID

from cart.carts.model import ABANDON, Cart, CartStatus, ChangeContext, PricedCart
from cart.carts.queries import rules_for
from cart.errors import CartNotFound
from cart.promotions.model import PricingRules
from cart.promotions.queries import ORDERS_PLACED, PROMOTIONS
from chassis.data import timers
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch


async def lock_cart(tx: Tx, cart_id: UUID, owner_id: UUID, context: ChangeContext) -> Cart:
    """Locks an owner's cart to change it. Raises CartNotFound, VersionMismatch, CartNotOpen."""
    cart = await tx.lock(Cart, cart_id)
    if cart is None or cart.owner_id != owner_id:
        raise CartNotFound
    if context.expected_version not in (0, cart.version):
        raise VersionMismatch(version=cart.version)
    cart.require_usable()
    if context.is_guest is not None:
        cart.is_guests = context.is_guest
    return cart


async def insert_cart(tx: Tx, cart: Cart, context: ChangeContext) -> PricedCart:
    """Inserts a new cart."""
    orders_placed, promotions = await tx.insert_returning(cart, ORDERS_PLACED, PROMOTIONS)
    if cart.lines:
        await schedule_abandonment(tx, cart, context.abandon_after)
    return PricedCart(cart, rules_for(cart, orders_placed, promotions), context.offers)


async def store_change(tx: Tx, cart: Cart, context: ChangeContext) -> PricedCart:
    """Writes a changed cart, which is open again, with today's offers."""
    repriced = cart.repriced_variants(context.offers)
    cart.remember(context.offers)
    cart.status, cart.updated_at = CartStatus.OPEN, tx.now
    rules = await write_cart(tx, cart)
    await schedule_abandonment(tx, cart, context.abandon_after)
    return PricedCart(cart, rules, context.offers, repriced)


async def write_cart(tx: Tx, cart: Cart) -> PricingRules:
    """Writes a locked cart and raises its version.

    Raises VersionMismatch if it was not locked and another write was faster.
    """
    record = await tx.update_returning(cart, ORDERS_PLACED, PROMOTIONS)
    if record is None:
        raise VersionMismatch
    return rules_for(cart, *record)


async def schedule_abandonment(tx: Tx, cart: Cart, abandon_after: timedelta) -> None:
    """Sets the abandonment timer of an open cart with lines; removes it from any other cart."""
    if cart.lines and not cart.is_synthetic and cart.status is CartStatus.OPEN:
        await timers.schedule(
            tx, ABANDON, str(cart.id), tx.now + abandon_after, {"version": cart.version}
        )
    else:
        await timers.cancel(tx, ABANDON, str(cart.id))
