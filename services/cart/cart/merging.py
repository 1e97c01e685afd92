"""A guest's cart becomes a customer's, and a saved cart comes back."""

from dataclasses import dataclass
from uuid import UUID

from cart.carts import MAX_LINES, MAX_QUANTITY, Cart, CartLine, CartStatus, current_of, lines_of, write_lines
from cart.changing import ABANDON
from cart.errors import CartNotFound
from cart.metrics import carts_total
from chassis import timers
from chassis.clock import uuid7
from chassis.db import Tx
from sojourn.cart.v1 import events_pb2 as events


@dataclass(frozen=True, slots=True)
class Merged:
    """The customer's cart after merging, if there is one, and whether anything was moved."""

    cart: Cart | None
    lines: list[CartLine]
    has_moved: bool


async def merge(tx: Tx, *, guest_id: UUID, customer_id: UUID) -> Merged:
    """Moves the guest's open cart to the customer. Where the customer has one, quantities add up and codes are joined. Idempotent."""
    guest_cart, cart = await _lock_both(tx, guest_id, customer_id)
    if guest_cart is None:
        return Merged(cart, await lines_of(tx, cart.id) if cart else [], has_moved=False)
    if cart is None:
        guest_cart.owner_id = customer_id
        guest_cart.touch(tx.now)
        await tx.update(guest_cart)
        await _tell_merged(tx, guest_cart, guest_id)
        return Merged(guest_cart, await lines_of(tx, guest_cart.id), has_moved=True)
    lines = await _pour(tx, guest_cart, cart, add=True)
    cart.coupon_codes = list(dict.fromkeys([*cart.coupon_codes, *guest_cart.coupon_codes]))
    if not cart.email:
        cart.email, cart.remind = guest_cart.email, guest_cart.remind
    cart.touch(tx.now)
    guest_cart.become(CartStatus.MERGED)
    await tx.update(cart)
    await tx.update(guest_cart)
    await timers.cancel(tx, ABANDON, str(guest_cart.id))
    await _tell_merged(tx, cart, guest_id)
    return Merged(cart, lines, has_moved=True)


async def _lock_both(tx: Tx, guest_id: UUID, customer_id: UUID) -> tuple[Cart | None, Cart | None]:
    """Both carts, locked in the order of their ids, so that two merges cannot wait for each other."""
    found = [await current_of(tx, guest_id), await current_of(tx, customer_id)]
    locked = {cart.id: await tx.lock(Cart, cart.id) for cart in sorted((c for c in found if c), key=lambda c: c.id)}
    guest_cart, cart = (locked.get(cart.id) if cart else None for cart in found)
    # Another merge may have been faster.
    if guest_cart is not None and (guest_cart.owner_id != guest_id or not guest_cart.can_change):
        guest_cart, cart = None, await current_of(tx, customer_id)
    return guest_cart, cart if cart and cart.can_change else None


async def _pour(tx: Tx, source: Cart, target: Cart, *, add: bool) -> list[CartLine]:
    """Gives the lines of `source` to `target`: quantities add up, or the larger one stays. Returns all lines of `target`."""
    lines = {line.variant_id: line for line in await lines_of(tx, target.id)}
    for given in await lines_of(tx, source.id):
        mine = lines.get(given.variant_id)
        if mine is not None:
            mine.quantity = min(mine.quantity + given.quantity if add else max(mine.quantity, given.quantity), MAX_QUANTITY)
        elif len(lines) < MAX_LINES:
            lines[given.variant_id] = CartLine(**{**given.__dict__, "id": uuid7(), "cart_id": target.id})
    await write_lines(tx, list(lines.values()))
    return list(lines.values())


async def _tell_merged(tx: Tx, cart: Cart, guest_id: UUID) -> None:
    carts_total.labels("merged").inc()
    event = events.CartMerged(cart_id=str(cart.id), version=cart.version, guest_id=str(guest_id), customer_id=str(cart.owner_id))
    await tx.emit(event, key=cart.id)


async def restore(tx: Tx, *, saved_id: UUID, shopper_id: UUID, target: Cart) -> tuple[Cart, list[CartLine]]:
    """Gives the lines of a saved cart to `target`, the shopper's open cart or a new one (version 0). A second time is harmless.

    The saved cart itself is answered where it is the shopper's. Raises CartNotFound where it was ordered or never saved.
    """
    saved = await tx.lock(Cart, saved_id)
    if saved is None or not saved.email or saved.status is CartStatus.ORDERED:
        raise CartNotFound("no such cart")
    if saved.owner_id == shopper_id and saved.can_change:
        target, lines = saved, await lines_of(tx, saved.id)
    else:
        if target.version == 0:
            target.version = 1
            await tx.insert(target)
        lines = await _pour(tx, saved, target, add=False)
    target.touch(tx.now)
    await tx.update(target)
    carts_total.labels("restored").inc()
    event = events.CartRestored(cart_id=str(target.id), version=target.version, owner_id=str(shopper_id), saved_cart_id=str(saved_id))
    await tx.emit(event, key=target.id)
    return target, lines
