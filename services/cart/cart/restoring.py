"""Opening a saved cart by its link."""

from dataclasses import dataclass, replace
from uuid import UUID

from cart import carts, moving
from cart.carts import Basket, Cart, CartStatus, Terms
from cart.errors import CartNotFound
from cart.offers import View
from chassis.data.tx import Read, Tx
from sojourn.cart.v1 import events_pb2


@dataclass(frozen=True, slots=True)
class Restorable:
    """A saved cart, and the caller's own that would receive its lines (the same where it is theirs); None where one is made."""

    saved: Cart
    receiver: Cart | None

    @property
    def view(self) -> View:
        return (self.receiver or self.saved).view

    @property
    def variant_ids(self) -> list[UUID]:
        ids = [*(self.receiver.variant_ids if self.receiver else ()), *self.saved.variant_ids]
        return list(dict.fromkeys(ids))

    @property
    def crosses_currencies(self) -> bool:
        return self.receiver is not None and self.receiver.currency != self.saved.currency


async def restorable(read: Read, cart_id: UUID | None, owner_id: UUID) -> Restorable:
    """What a link would restore for the caller. Raises CartNotFound unless the cart is saved and was neither ordered nor merged."""
    saved = await read.get(Cart, cart_id) if cart_id else None
    if saved is None or not saved.is_usable or not saved.email:
        raise CartNotFound
    if saved.owner_id == owner_id:
        return Restorable(saved, saved)
    mine = [cart for cart in await carts.usable_carts_of(read, [owner_id]) if cart.channel == saved.channel]
    return Restorable(saved, mine[0] if mine else None)


async def restore(tx: Tx, cart_id: UUID, owner_id: UUID, terms: Terms) -> tuple[Basket, bool]:
    """Gives the lines of a saved cart to the caller's own cart, or to a new one; returns it, and whether that changed anything.

    Where both have a variant the higher quantity stays, so that a second time changes nothing. Raises CartNotFound.
    """
    # One restore of a caller at a time: two would make two carts.
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [str(owner_id)])
    found = await restorable(tx, cart_id, owner_id)
    receiver = found.receiver
    if receiver is None:
        receiver = carts.a_cart(owner_id, found.saved.view, tx.now)
        moving.bring(found.saved.lines, receiver, terms.offers, max)
        basket = await carts.create(tx, receiver, terms)
    elif _would_change(found, receiver, terms):
        basket = await carts.change(tx, receiver, lambda cart: _bring(found.saved, cart, terms), terms)
    else:
        cart, rules = await carts.cart_of(tx, receiver.id, owner_id)
        return Basket(cart, rules, terms.offers, cart.repriced(terms.offers)), False
    event = events_pb2.CartRestored(
        cart_id=str(basket.cart.id), version=basket.cart.version, owner_id=str(owner_id), saved_cart_id=str(cart_id)
    )
    await tx.emit(event, key=basket.cart.id, synthetic=basket.cart.is_synthetic)
    return basket, True


def _bring(saved: Cart, cart: Cart, terms: Terms) -> None:
    if cart.id != saved.id:
        moving.bring(saved.lines, cart, terms.offers, max)


def _would_change(found: Restorable, receiver: Cart, terms: Terms) -> bool:
    if receiver.id == found.saved.id:
        return receiver.status is CartStatus.ABANDONED
    trial = receiver.copy_row(lines=[replace(line) for line in receiver.lines])
    return moving.bring(found.saved.lines, trial, terms.offers, max)
