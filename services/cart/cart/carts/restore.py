"""The restoration of a saved cart by the secret of its link."""

from dataclasses import dataclass, replace
from uuid import UUID

from cart.carts import events, queries
from cart.carts.model import Cart, CartStatus, ChangeContext, PricedCart
from cart.carts.offers import CatalogContext
from cart.carts.store import insert_cart, lock_cart, store_change
from cart.errors import CartNotFound
from chassis.data.tx import Read, Tx
from chassis.rpc.auth import Caller


@dataclass(frozen=True, slots=True)
class Restorable:
    """A saved cart and the caller's cart that receives its lines.

    They are the same if the saved cart is the caller's; the second is None if it is to be made.
    """

    saved: Cart
    receiver: Cart | None

    @property
    def catalog_context(self) -> CatalogContext:
        return (self.receiver or self.saved).catalog_context

    @property
    def variant_ids(self) -> list[UUID]:
        ids = [*(self.receiver.variant_ids if self.receiver else ()), *self.saved.variant_ids]
        return list(dict.fromkeys(ids))

    @property
    def crosses_currencies(self) -> bool:
        return self.receiver is not None and self.receiver.currency != self.saved.currency


async def find_restorable(read: Read, cart_id: UUID | None, owner_id: UUID) -> Restorable:
    """Returns what a link restores for the caller.

    Raises CartNotFound unless the cart is saved and usable.
    """
    saved = await read.get(Cart, cart_id) if cart_id else None
    if saved is None or not saved.is_usable or not saved.email:
        raise CartNotFound
    if saved.owner_id == owner_id:
        return Restorable(saved, saved)
    mine = [
        cart
        for cart in await queries.list_usable_carts(read, [owner_id])
        if cart.channel == saved.channel
    ]
    return Restorable(saved, mine[0] if mine else None)


async def restore_cart(
    tx: Tx, cart_id: UUID, buyer: Caller, context: ChangeContext
) -> tuple[PricedCart, bool]:
    """Copies the lines of a saved cart into the caller's cart, or into a new one.

    Returns it, and whether that changed it.

    Of a variant that both carts have the higher quantity stays, so that a repeat changes nothing.
    Raises CartNotFound, LoginRequired.
    """
    owner_id = buyer.shopper_id
    # Two restorations of one caller at once would make two carts.
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [str(owner_id)])
    found = await find_restorable(tx, cart_id, owner_id)
    if found.receiver is None or found.receiver.id != found.saved.id:
        context.offers.require_buyer()
    if found.receiver is None:
        saved = replace(
            found.saved.catalog_context,
            organization_id=buyer.organization_id,
            customer_group=buyer.customer_group,
            is_guest=bool(context.is_guest),
        )
        cart = Cart.new(owner_id, saved, tx.now)
        cart.take_lines(found.saved.lines, context.offers, max)
        priced = await insert_cart(tx, cart, context)
    elif _would_change(found, found.receiver, context):
        cart = await lock_cart(tx, found.receiver.id, owner_id, context)
        if cart.id != found.saved.id:
            cart.take_lines(found.saved.lines, context.offers, max)
        priced = await store_change(tx, cart, context)
    else:
        cart, rules = await queries.get_cart(tx, found.receiver.id, owner_id)
        return PricedCart(
            cart, rules, context.offers, cart.repriced_variants(context.offers)
        ), False
    await tx.emit(
        events.cart_restored(cart, saved_cart_id=cart_id), key=cart.id, synthetic=cart.is_synthetic
    )
    return priced, True


def _would_change(found: Restorable, receiver: Cart, context: ChangeContext) -> bool:
    if receiver.id == found.saved.id:
        return receiver.status is CartStatus.ABANDONED
    trial = receiver.copy_row(lines=[replace(line) for line in receiver.lines])
    return trial.take_lines(found.saved.lines, context.offers, max)
