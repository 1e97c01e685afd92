"""A guest becomes a customer: their open cart comes along."""

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from cart import carts, moving
from cart.carts import Basket, Cart, CartStatus, Terms
from cart.couponing import MOST_COUPONS
from chassis.data import timers
from chassis.data.tx import Tx
from sojourn.cart.v1 import events_pb2


@dataclass(frozen=True, slots=True)
class Pair:
    """The guest's cart with something in it, and the customer's cart of the same channel; either may be missing."""

    guests: Cart | None
    customers: Cart | None

    @property
    def receiver(self) -> Cart | None:
        """The cart that will be the customer's."""
        return self.customers or self.guests

    @property
    def variant_ids(self) -> list[UUID]:
        ids = [id for cart in (self.customers, self.guests) if cart for id in cart.variant_ids]
        return list(dict.fromkeys(ids))


def pair_of(usable: Iterable[Cart], *, guest_id: UUID, customer_id: UUID) -> Pair:
    """Whom to merge, of carts last changed first."""
    found = list(usable)
    guests = next((cart for cart in found if cart.owner_id == guest_id and (cart.lines or cart.coupon_codes)), None)
    customers = (cart for cart in found if cart.owner_id == customer_id and (guests is None or cart.channel == guests.channel))
    return Pair(guests, next(customers, None))


async def merge(tx: Tx, terms: Terms, *, guest_id: UUID, customer_id: UUID) -> tuple[Basket | None, bool]:
    """Moves the guest's open cart to the customer; quantities add up. Returns the customer's cart, if any, and whether anything was moved.

    Idempotent: a guest's cart that was moved is the guest's no more.
    """
    usable = await carts.lock_usable_carts_of(tx, (guest_id, customer_id))
    pair = pair_of(usable, guest_id=guest_id, customer_id=customer_id)
    if pair.guests is None:
        if pair.customers is None:
            return None, False
        cart, rules = await carts.cart_of(tx, pair.customers.id, customer_id)
        return Basket(cart, rules, terms.offers, cart.repriced(terms.offers)), False
    if pair.customers is None:
        basket = await _adopt(tx, pair.guests, customer_id, terms)
    else:
        basket = await _join(tx, pair.guests, pair.customers, terms)
    event = events_pb2.CartMerged(
        cart_id=str(basket.cart.id), version=basket.cart.version, guest_id=str(guest_id), customer_id=str(customer_id)
    )
    await tx.emit(event, key=basket.cart.id, synthetic=basket.cart.is_synthetic)
    return basket, True


async def _adopt(tx: Tx, guests: Cart, customer_id: UUID, terms: Terms) -> Basket:
    def apply(cart: Cart) -> None:
        cart.owner_id = customer_id

    return await carts.change(tx, guests, apply, terms)


async def _join(tx: Tx, guests: Cart, customers: Cart, terms: Terms) -> Basket:
    def apply(cart: Cart) -> None:
        moving.bring(guests.lines, cart, terms.offers, operator.add)
        new = [code for code in guests.coupon_codes if code not in cart.coupon_codes]
        cart.coupon_codes = [*cart.coupon_codes, *new][:MOST_COUPONS]
        if not cart.email:
            cart.email, cart.email_digest, cart.may_remind = guests.email, guests.email_digest, guests.may_remind

    basket = await carts.change(tx, customers, apply, terms)
    guests.lines, guests.coupon_codes = [], []
    guests.email, guests.email_digest, guests.may_remind = "", "", False
    guests.status, guests.merged_into, guests.updated_at = CartStatus.MERGED, customers.id, tx.now
    await carts.must_write(tx, guests)
    await timers.cancel(tx, carts.ABANDON, str(guests.id))
    return basket
