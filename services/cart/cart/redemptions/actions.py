"""The use of a cart and its promotions by an order, and its reversal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cart.carts.model import ABANDON, Cart, CartStatus
from cart.carts.store import schedule_abandonment
from cart.errors import CartChanged, CartNotFound, PromotionNotValid, RedemptionUndone
from cart.promotions.model import Ineligibility, Promotion
from cart.promotions.queries import add_uses, lock_promotions
from cart.redemptions import queries
from cart.redemptions.model import Redemption, RedemptionStatus, digest_email
from chassis.data import timers
from chassis.data.tx import Tx


@dataclass(frozen=True, slots=True)
class CartRedemption:
    """A request to use a cart at the version and with the promotions of an order's price."""

    order_id: UUID
    cart_id: UUID
    owner_id: UUID
    cart_version: int
    email: str
    promotion_codes: Sequence[str]


async def redeem_cart(tx: Tx, wish: CartRedemption) -> tuple[Redemption, bool]:
    """Records an order's use of a cart and closes the cart.

    Returns the redemption and whether it is new. Idempotent per order.

    Conditions that do not follow from the cart's lines are checked again: in force, not used up,
    and, by the buyer's id and address, a first order. Those that do were checked when this version
    was priced. Raises RedemptionUndone, CartNotFound, CartNotOpen, CartChanged, PromotionNotValid.
    """
    redemption = Redemption(
        order_id=wish.order_id,
        cart_id=wish.cart_id,
        owner_id=wish.owner_id,
        email_digest=digest_email(wish.email),
        promotion_ids=[],
        status=RedemptionStatus.REDEEMED,
        created_at=tx.now,
    )
    if (earlier := await queries.claim_redemption(tx, redemption)) is not None:
        if earlier.status is RedemptionStatus.UNDONE:
            raise RedemptionUndone
        return earlier, False
    await queries.lock_buyer(tx, (str(wish.owner_id), redemption.email_digest))
    cart = await _lock_cart_to_order(tx, wish)
    if wish.promotion_codes:
        used = await _use_promotions(
            tx, cart, redemption, list(dict.fromkeys(wish.promotion_codes))
        )
        redemption.promotion_ids = [promotion.id for promotion in used]
    if cart.is_synthetic:
        # A probe's order is no order of the address: its owner keeps the first-order promotion.
        redemption.is_synthetic, redemption.email_digest = True, ""
    if cart.is_synthetic or wish.promotion_codes:
        tx.deferred.update(redemption)
    cart.status, cart.updated_at = CartStatus.ORDERED, tx.now
    tx.deferred.update(cart)
    await timers.cancel(tx, ABANDON, str(cart.id))
    return redemption, True


async def _lock_cart_to_order(tx: Tx, wish: CartRedemption) -> Cart:
    cart = await tx.lock(Cart, wish.cart_id)
    if cart is None or cart.owner_id != wish.owner_id:
        raise CartNotFound
    cart.require_usable()
    # Finding it abandoned bumps the version too, and changes nothing that an order is priced by.
    seen = (
        (cart.version, cart.version - 1) if cart.status is CartStatus.ABANDONED else (cart.version,)
    )
    if wish.cart_version not in seen:
        raise CartChanged(version=cart.version)
    return cart


async def _use_promotions(
    tx: Tx, cart: Cart, redemption: Redemption, codes: Sequence[str]
) -> list[Promotion]:
    found = await lock_promotions(tx, codes)
    asks_first = any(promotion.first_order_only for promotion in found.values())
    has_ordered = asks_first and await queries.has_ordered(
        tx, redemption.owner_id, redemption.email_digest, beside=redemption.order_id
    )
    for code in codes:
        if why := _find_ineligibility(found.get(code), cart, now=tx.now, has_ordered=has_ordered):
            raise PromotionNotValid(code=code, why=why)
    add_uses(tx, [promotion.id for promotion in found.values()], 1)
    return [found[code] for code in codes]


def _find_ineligibility(
    promotion: Promotion | None, cart: Cart, *, now: datetime, has_ordered: bool
) -> Ineligibility | None:
    """Returns the reason for which a promotion may not be used now, or None.

    It is gone, its coupon is not on the cart, it is not in force, or the buyer has ordered before.
    """
    if promotion is None or (
        promotion.coupon_codes and set(promotion.coupon_codes).isdisjoint(cart.coupon_codes)
    ):
        return Ineligibility.UNKNOWN
    if promotion.first_order_only and has_ordered:
        return Ineligibility.NOT_FIRST_ORDER
    return promotion.ineligibility(now)


async def unredeem_cart(
    tx: Tx, order_id: UUID, *, abandon_after: timedelta
) -> tuple[Redemption, bool]:
    """Gives promotions back and opens the cart again.

    Returns the redemption and whether a cart was opened. Idempotent.

    An unknown order leaves a tombstone, so that a redemption that comes late is refused.
    """
    tombstone = Redemption(
        order_id=order_id,
        promotion_ids=[],
        status=RedemptionStatus.UNDONE,
        created_at=tx.now,
        undone_at=tx.now,
    )
    redemption = await queries.claim_redemption(tx, tombstone)
    if redemption is None:
        return tombstone, False
    if redemption.status is RedemptionStatus.UNDONE:
        return redemption, False
    assert redemption.cart_id is not None
    cart = await tx.lock(Cart, redemption.cart_id)
    if cart is not None and cart.status is CartStatus.ORDERED:
        cart.status, cart.updated_at = CartStatus.OPEN, tx.now
        tx.deferred.update(cart)
        await schedule_abandonment(tx, cart, abandon_after)
    add_uses(tx, redemption.promotion_ids, -1)
    redemption.status, redemption.undone_at = RedemptionStatus.UNDONE, tx.now
    tx.deferred.update(redemption)
    return redemption, True
