"""An order uses a cart and its promotions, and gives them back where it is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cart import carts, orders, promotions
from cart.carts import Cart, CartStatus
from cart.errors import CartChanged, CartNotFound, PromotionNotValid, RedemptionUndone
from cart.orders import Redemption, RedemptionStatus, digest_of
from cart.promotions import Promotion, Why
from chassis.data import timers
from chassis.data.tx import Tx


@dataclass(frozen=True, slots=True)
class Use:
    """What an order wants to use: the cart at the version that it was priced at, and the promotions that it was priced with."""

    order_id: UUID
    cart_id: UUID
    owner_id: UUID
    cart_version: int
    email: str
    promotion_codes: Sequence[str]


async def redeem(tx: Tx, use: Use) -> tuple[Redemption, bool]:
    """Records an order's use of a cart and closes the cart; returns the redemption and whether it is new. Idempotent per order.

    Conditions that do not follow from the cart's lines are checked again: in force, not used up, and, by the buyer's id and address, a
    first order. Those that do were checked when this version was priced.
    Raises RedemptionUndone, CartNotFound, CartNotOpen, CartChanged, PromotionNotValid.
    """
    redemption = Redemption(
        order_id=use.order_id,
        cart_id=use.cart_id,
        owner_id=use.owner_id,
        email_digest=digest_of(use.email),
        promotion_ids=[],
        status=RedemptionStatus.REDEEMED,
        created_at=tx.now,
    )
    if (earlier := await orders.claim(tx, redemption)) is not None:
        if earlier.status is RedemptionStatus.UNDONE:
            raise RedemptionUndone
        return earlier, False
    await orders.serialize_buyer(tx, (str(use.owner_id), redemption.email_digest))
    cart = await _cart_to_order(tx, use)
    if use.promotion_codes:
        used = await _use(tx, cart, redemption, list(dict.fromkeys(use.promotion_codes)))
        redemption.promotion_ids = [promotion.id for promotion in used]
    if cart.is_synthetic:
        # It is nobody's order: whoever has the address keeps their first.
        redemption.is_synthetic, redemption.email_digest = True, ""
    if cart.is_synthetic or use.promotion_codes:
        tx.deferred.update(redemption)
    cart.status, cart.updated_at = CartStatus.ORDERED, tx.now
    tx.deferred.update(cart)
    await timers.cancel(tx, carts.ABANDON, str(cart.id))
    return redemption, True


async def _cart_to_order(tx: Tx, use: Use) -> Cart:
    cart = await tx.lock(Cart, use.cart_id)
    if cart is None or cart.owner_id != use.owner_id:
        raise CartNotFound
    cart.must_be_usable()
    # Finding it abandoned bumps the version too, and changes nothing that an order is priced by.
    seen = (cart.version, cart.version - 1) if cart.status is CartStatus.ABANDONED else (cart.version,)
    if use.cart_version not in seen:
        raise CartChanged(version=cart.version)
    return cart


async def _use(tx: Tx, cart: Cart, redemption: Redemption, codes: Sequence[str]) -> list[Promotion]:
    found = await promotions.lock_promotions(tx, codes)
    asks_first = any(promotion.first_order_only for promotion in found.values())
    has_ordered = asks_first and await orders.has_ordered(tx, redemption.owner_id, redemption.email_digest, beside=redemption.order_id)
    for code in codes:
        if why := _refusal(found.get(code), cart, now=tx.now, has_ordered=has_ordered):
            raise PromotionNotValid(code=code, why=why)
    promotions.count_use(tx, [promotion.id for promotion in found.values()], 1)
    return [found[code] for code in codes]


def _refusal(promotion: Promotion | None, cart: Cart, *, now: datetime, has_ordered: bool) -> Why | None:
    """Why a promotion may not be used now: it is gone, its coupon is not on the cart, it is not in force, or it is not a first order."""
    if promotion is None or (promotion.coupon_codes and set(promotion.coupon_codes).isdisjoint(cart.coupon_codes)):
        return Why.UNKNOWN
    if promotion.first_order_only and has_ordered:
        return Why.NOT_FIRST_ORDER
    return promotion.out_of_force(now)


async def unredeem(tx: Tx, order_id: UUID, *, abandon_after: timedelta) -> tuple[Redemption, bool]:
    """Gives promotions back and opens the cart again; returns the redemption, and whether a cart was opened. Idempotent.

    An unknown order leaves a tombstone, so that a redemption that comes late is refused.
    """
    tombstone = Redemption(order_id=order_id, promotion_ids=[], status=RedemptionStatus.UNDONE, created_at=tx.now, undone_at=tx.now)
    redemption = await orders.claim(tx, tombstone)
    if redemption is None:
        return tombstone, False
    if redemption.status is RedemptionStatus.UNDONE:
        return redemption, False
    assert redemption.cart_id is not None
    cart = await tx.lock(Cart, redemption.cart_id)
    if cart is not None and cart.status is CartStatus.ORDERED:
        cart.status, cart.updated_at = CartStatus.OPEN, tx.now
        tx.deferred.update(cart)
        await carts.watch(tx, cart, abandon_after)
    promotions.count_use(tx, redemption.promotion_ids, -1)
    redemption.status, redemption.undone_at = RedemptionStatus.UNDONE, tx.now
    tx.deferred.update(redemption)
    return redemption, True
