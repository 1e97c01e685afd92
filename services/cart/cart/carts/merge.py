"""The merge of a guest's cart into the cart of the customer that the guest became."""

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from cart.carts import events, queries
from cart.carts.model import ABANDON, MOST_COUPONS, Cart, CartStatus, ChangeContext, PricedCart
from cart.carts.store import store_change, write_cart
from chassis.data import timers
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller


@dataclass(frozen=True, slots=True)
class MergePair:
    """The guest's cart with lines and the customer's cart of one channel; either may be missing."""

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


def find_merge_pair(usable: Iterable[Cart], *, guest_id: UUID, customer_id: UUID) -> MergePair:
    """Returns the carts to merge out of carts that are ordered by their last change."""
    found = list(usable)
    guests = next(
        (cart for cart in found if cart.owner_id == guest_id and (cart.lines or cart.coupon_codes)),
        None,
    )
    customers = (
        cart
        for cart in found
        if cart.owner_id == customer_id and (guests is None or cart.channel == guests.channel)
    )
    return MergePair(guests, next(customers, None))


async def merge_cart(
    tx: Tx, context: ChangeContext, *, guest_id: UUID, customer: Caller
) -> tuple[PricedCart | None, bool]:
    """Moves the guest's open cart to the customer; quantities add up.

    Returns the customer's cart, if there is one, and whether anything moved. Idempotent: a cart
    that moved is the guest's no more.
    """
    customer_id = customer.shopper_id
    usable = await queries.lock_usable_carts(tx, (guest_id, customer_id))
    pair = find_merge_pair(usable, guest_id=guest_id, customer_id=customer_id)
    if pair.guests is None:
        if pair.customers is None:
            return None, False
        cart, rules = await queries.get_cart(tx, pair.customers.id, customer_id)
        return PricedCart(
            cart, rules, context.offers, cart.repriced_variants(context.offers)
        ), False
    receiver = pair.customers or pair.guests
    receiver.organization_id = customer.organization_id
    receiver.customer_group = customer.customer_group
    receiver.is_guests = False
    if pair.customers is None:
        pair.guests.owner_id = customer_id
        priced = await store_change(tx, pair.guests, context)
    else:
        priced = await _merge_into(tx, pair.guests, pair.customers, context)
    event = events.cart_merged(priced.cart, guest_id=guest_id, customer_id=customer_id)
    await tx.emit(event, key=priced.cart.id, synthetic=priced.cart.is_synthetic)
    return priced, True


async def _merge_into(tx: Tx, guests: Cart, customers: Cart, context: ChangeContext) -> PricedCart:
    customers.take_lines(guests.lines, context.offers, operator.add)
    new_codes = [code for code in guests.coupon_codes if code not in customers.coupon_codes]
    customers.coupon_codes = [*customers.coupon_codes, *new_codes][:MOST_COUPONS]
    if not customers.email:
        customers.email, customers.email_digest, customers.may_remind = (
            guests.email,
            guests.email_digest,
            guests.may_remind,
        )
    priced = await store_change(tx, customers, context)
    guests.lines, guests.coupon_codes = [], []
    guests.email, guests.email_digest, guests.may_remind = "", "", False
    guests.status, guests.merged_into, guests.updated_at = CartStatus.MERGED, customers.id, tx.now
    await write_cart(tx, guests)
    await timers.cancel(tx, ABANDON, str(guests.id))
    return priced
