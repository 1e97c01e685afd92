"""What an owner does with a cart: make it, add, set, take off, use codes, save."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from cart.carts import MAX_COUPONS, MAX_LINES, MAX_QUANTITY, Cart, CartLine, lines_of, write_lines
from cart.errors import CouponNotValid, InvalidQuantity, LineNotFound, OutOfStock, TooManyLines, UnknownVariant
from cart.metrics import carts_total
from cart.offers import LOW_STOCK, Offers
from cart.promotions import by_coupon, has_ordered, normalized
from chassis import timers
from chassis.clock import uuid7
from chassis.db import Tx
from sojourn.cart.v1 import events_pb2 as events

ABANDON: Final = "abandon"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A quantity of a variant, in increments."""

    variant_id: UUID
    quantity: int


async def create(tx: Tx, cart: Cart, wanted: Sequence[Wanted], offers: Offers, *, abandon_after_seconds: float) -> list[CartLine]:
    """Makes a cart with its first lines. Raises UnknownVariant, InvalidQuantity, OutOfStock."""
    await tx.insert(cart)
    carts_total.labels("created").inc()
    lines = _raised(cart, [], wanted, offers)
    if lines:
        await write_lines(tx, lines)
        await _watch(tx, cart, abandon_after_seconds)
        await _tell(tx, cart, lines)
    return lines


async def add(tx: Tx, cart: Cart, wanted: Sequence[Wanted], offers: Offers, *, abandon_after_seconds: float) -> list[CartLine]:
    """Adds quantities to a locked cart. Returns all its lines. Raises UnknownVariant, InvalidQuantity, OutOfStock, TooManyLines."""
    before = await lines_of(tx, cart.id)
    changed = _raised(cart, before, wanted, offers)
    cart.touch(tx.now)
    await tx.update(cart)
    await write_lines(tx, changed)
    await _watch(tx, cart, abandon_after_seconds)
    await _tell(tx, cart, changed)
    fresh = {line.variant_id: line for line in changed}
    return [fresh.pop(line.variant_id, line) for line in before] + list(fresh.values())


async def set_quantity(tx: Tx, cart: Cart, line_id: UUID, quantity: int, offers: Offers, *, abandon_after_seconds: float) -> list[CartLine]:
    """Sets a line's quantity; 0 removes it. Returns all lines. Raises LineNotFound, InvalidQuantity, OutOfStock."""
    lines = await lines_of(tx, cart.id)
    line = next((line for line in lines if line.id == line_id), None)
    if line is None:
        raise LineNotFound("the cart has no such line", line_id=line_id)
    cart.touch(tx.now)
    await tx.update(cart)
    await _watch(tx, cart, abandon_after_seconds)
    if quantity == 0:
        await tx.delete(line)
        return [other for other in lines if other.id != line_id]
    raises = quantity > line.quantity
    line.quantity = quantity
    # Less of what is scarce is always allowed.
    _check(line, offers, needs_stock=raises)
    await write_lines(tx, [line])
    if raises:
        await _tell(tx, cart, [line])
    return lines


async def apply_coupon(tx: Tx, cart: Cart, code: str) -> None:
    """Puts a code on a locked cart; a code that is there already is fine. Raises CouponNotValid with `why`."""
    code = normalized(code)
    promotion = await by_coupon(tx, code)
    if promotion is None:
        raise CouponNotValid("the code is not known", code=code, why="unknown")
    why = promotion.why_not(now=tx.now, is_first_order=not await has_ordered(tx, cart.owner_id))
    if why:
        raise CouponNotValid("the code does not apply", code=code, why=why)
    if code not in cart.coupon_codes:
        if len(cart.coupon_codes) >= MAX_COUPONS:
            raise CouponNotValid("a cart takes ten codes at most", code=code, why="too_many")
        cart.coupon_codes = [*cart.coupon_codes, code]
    cart.touch(tx.now)
    await tx.update(cart)


async def remove_coupon(tx: Tx, cart: Cart, code: str) -> None:
    """Takes a code off a locked cart; one that is not there is fine."""
    cart.coupon_codes = [kept for kept in cart.coupon_codes if kept != normalized(code)]
    cart.touch(tx.now)
    await tx.update(cart)


async def save(tx: Tx, cart: Cart, email: str, *, remind: bool) -> None:
    """Keeps an e-mail address with a locked cart."""
    cart.email, cart.remind = email, remind
    cart.touch(tx.now)
    await tx.update(cart)


def _raised(cart: Cart, lines: Sequence[CartLine], wanted: Sequence[Wanted], offers: Offers) -> list[CartLine]:
    """The lines that change, with their new quantities, titles and prices."""
    by_variant = {line.variant_id: line for line in lines}
    changed: dict[UUID, CartLine] = {}
    for want in wanted:
        offer = offers.by_variant.get(want.variant_id)
        if offer is None:
            raise UnknownVariant("no such variant is sold here", variant_id=want.variant_id)
        line = changed.get(want.variant_id) or by_variant.get(want.variant_id)
        if line is None:
            line = CartLine(
                id=uuid7(), cart_id=cart.id, variant_id=want.variant_id, product_id=UUID(offer.product_id), quantity=0,
                title=offer.title, seen_price_minor=offer.price.amount_minor,
            )  # fmt: skip
        line.quantity += want.quantity
        line.title, line.seen_price_minor = offer.title, offer.price.amount_minor
        changed[want.variant_id] = line
    if len(by_variant.keys() | changed.keys()) > MAX_LINES:
        raise TooManyLines("a cart has at most 100 lines", most=MAX_LINES)
    for line in changed.values():
        _check(line, offers, needs_stock=True)
    return list(changed.values())


def _check(line: CartLine, offers: Offers, *, needs_stock: bool) -> None:
    offer = offers.by_variant.get(line.variant_id)
    if offer is None:
        raise UnknownVariant("no such variant is sold here", variant_id=line.variant_id)
    increment = offer.increment or 1
    if not 0 < line.quantity <= MAX_QUANTITY or line.quantity % increment:
        raise InvalidQuantity("the quantity is not a multiple of the increment, or too large", increment=increment, most=MAX_QUANTITY)
    if needs_stock and offer.available < line.quantity:
        few = {"available": max(offer.available, 0)} if offer.available <= LOW_STOCK else {}
        raise OutOfStock("there is not enough", variant_id=line.variant_id, **few)


async def _watch(tx: Tx, cart: Cart, abandon_after_seconds: float) -> None:
    await timers.schedule(tx, ABANDON, str(cart.id), tx.now + timedelta(seconds=abandon_after_seconds))


async def _tell(tx: Tx, cart: Cart, lines: Sequence[CartLine]) -> None:
    for line in lines:
        event = events.CartLineAdded(
            cart_id=str(cart.id), version=cart.version, owner_id=str(cart.owner_id), variant_id=str(line.variant_id),
            quantity=line.quantity, channel=cart.channel,
        )  # fmt: skip
        await tx.emit(event, key=cart.id)
