"""Changes of a cart by its shopper.

Each locks the cart, changes it, writes it and emits its events.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from cart.carts import events, totals
from cart.carts.model import MOST_COUPONS, Cart, ChangeContext, Line, NewLine, PricedCart
from cart.carts.store import insert_cart, lock_cart, store_change
from cart.errors import CouponNotValid, TooManyCoupons
from cart.promotions.model import COUPON_CODE, Ineligibility, normalize_coupon_code
from cart.redemptions.model import digest_email
from chassis.data.tx import Tx


async def create_cart(
    tx: Tx, cart: Cart, items: Sequence[NewLine], context: ChangeContext
) -> PricedCart:
    """Inserts a cart with its first lines.

    Raises UnknownVariant, InvalidQuantity, OutOfStock, TooManyLines, CartTotalTooLarge.
    """
    added = [cart.add(item, context.offers) for item in items]
    cart.require_bounded(context.offers)
    priced = await insert_cart(tx, cart, context)
    await emit_lines_added(tx, cart, added)
    return priced


async def add_line(
    tx: Tx, cart_id: UUID, owner_id: UUID, item: NewLine, context: ChangeContext
) -> PricedCart:
    """Adds a quantity of a variant to a cart; an existing line of the variant grows.

    Raises UnknownVariant, InvalidQuantity, OutOfStock, TooManyLines, CartTotalTooLarge,
    CartNotFound, CartNotOpen, VersionMismatch.
    """
    cart = await lock_cart(tx, cart_id, owner_id, context)
    line = cart.add(item, context.offers)
    cart.require_bounded(context.offers)
    priced = await store_change(tx, cart, context)
    await emit_lines_added(tx, cart, [line])
    return priced


async def set_line_quantity(
    tx: Tx, cart_id: UUID, owner_id: UUID, line_id: UUID, quantity: int, context: ChangeContext
) -> PricedCart:
    """Sets the quantity of a line; 0 removes the line.

    A lower quantity needs no offer.

    Raises LineNotFound, InvalidQuantity, OutOfStock, CartTotalTooLarge, CartNotFound, CartNotOpen,
    VersionMismatch.
    """
    cart = await lock_cart(tx, cart_id, owner_id, context)
    line = cart.line(line_id)
    is_raised = cart.set_quantity(line, quantity, context.offers)
    if is_raised:
        # A cart that is too large because prices rose can still be lowered.
        cart.require_bounded(context.offers)
    priced = await store_change(tx, cart, context)
    await emit_lines_added(tx, cart, [line] if is_raised else [])
    return priced


async def apply_coupon(
    tx: Tx, cart_id: UUID, owner_id: UUID, typed: str, context: ChangeContext
) -> PricedCart:
    """Adds a coupon code; a code that is there stays.

    Raises CouponNotValid with `why`, TooManyCoupons, CartNotFound, CartNotOpen, VersionMismatch.
    """
    code = normalize_coupon_code(typed)
    if not COUPON_CODE.fullmatch(code):
        raise CouponNotValid(why=Ineligibility.UNKNOWN)
    cart = await lock_cart(tx, cart_id, owner_id, context)
    if code not in cart.coupon_codes:
        if len(cart.coupon_codes) >= MOST_COUPONS:
            raise TooManyCoupons(most=MOST_COUPONS)
        cart.coupon_codes.append(code)
    priced = await store_change(tx, cart, context)
    if why := totals.price_cart(priced, tx.now).refused.get(code):
        raise CouponNotValid(why=why)
    return priced


async def remove_coupon(
    tx: Tx, cart_id: UUID, owner_id: UUID, typed: str, context: ChangeContext
) -> PricedCart:
    """Removes a coupon code; ignores a code that is not there.

    Raises CartNotFound, CartNotOpen, VersionMismatch.
    """
    code = normalize_coupon_code(typed)
    cart = await lock_cart(tx, cart_id, owner_id, context)
    cart.coupon_codes = [other for other in cart.coupon_codes if other != code]
    return await store_change(tx, cart, context)


async def save_cart(
    tx: Tx, cart_id: UUID, owner_id: UUID, email: str, context: ChangeContext, *, may_remind: bool
) -> PricedCart:
    """Keeps an e-mail address in its normal form with a cart, and whether it may be reminded.

    Emits CartReminderRequested if a reminder is asked for: the address may belong to another
    person, who is asked first. Raises CartNotFound, CartNotOpen, VersionMismatch.
    """
    cart = await lock_cart(tx, cart_id, owner_id, context)
    cart.email, cart.email_digest, cart.may_remind = email, digest_email(email), may_remind
    priced = await store_change(tx, cart, context)
    if may_remind:
        await tx.emit(
            events.cart_reminder_requested(cart), key=cart.id, synthetic=cart.is_synthetic
        )
    return priced


def is_raise(cart: Cart, line_id: UUID, quantity: int) -> bool:
    """Returns whether a quantity is above that of the line; False for an unknown line."""
    return any(line.id == line_id and line.quantity < quantity for line in cart.lines)


async def emit_lines_added(tx: Tx, cart: Cart, lines: Iterable[Line]) -> None:
    """Emits CartLineAdded for each of the lines, once."""
    for line in {line.id: line for line in lines}.values():
        await tx.emit(events.cart_line_added(cart, line), key=cart.id, synthetic=cart.is_synthetic)
