"""An order uses a cart and its promotions, or gives them back."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cart.carts import Cart, CartStatus
from cart.changing import ABANDON
from cart.errors import CartChanged, CartNotFound, CartNotOpen, PromotionNotValid, RedemptionUndone
from cart.metrics import carts_total, redemptions_total
from cart.promotions import Promotion, has_ordered, lock_by_codes, lock_by_ids
from chassis import timers
from chassis.db import Row, Tx


class RedemptionStatus(StrEnum):
    REDEEMED = "redeemed"
    UNDONE = "undone"


@dataclass(kw_only=True)
class Redemption(Row, table="redemption", key=("order_id",)):
    """What an order used. `cart_id` is None for one that was undone before it was redeemed."""

    order_id: UUID
    cart_id: UUID | None
    promotion_ids: list[str] = field(default_factory=list)
    status: RedemptionStatus
    redeemed_at: datetime


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who orders: an account or guest, and an e-mail address, of which only the digest is kept."""

    owner_id: UUID
    email: str

    @property
    def email_digest(self) -> str:
        return hashlib.sha256(self.email.strip().lower().encode()).hexdigest() if self.email else ""

    @property
    def names(self) -> list[str]:
        """What a first order is claimed under, in the order of locking."""
        return sorted(name for name in (f"owner:{self.owner_id}", f"email:{self.email_digest}" if self.email else "") if name)


async def redeem(tx: Tx, *, order_id: UUID, cart_id: UUID, cart_version: int, buyer: Buyer, codes: list[str]) -> Redemption:
    """Uses the promotions and closes the cart. Idempotent per order.

    Raises RedemptionUndone, CartNotFound, CartNotOpen, CartChanged, PromotionNotValid.
    """
    found = await _lock(tx, order_id)
    if found is not None:
        if found.status is RedemptionStatus.UNDONE:
            raise RedemptionUndone("the order was given up", order_id=order_id)
        return found
    cart = await tx.lock(Cart, cart_id)
    if cart is None or cart.owner_id != buyer.owner_id:
        raise CartNotFound("no such cart", cart_id=cart_id)
    if not cart.can_change:
        raise CartNotOpen(f"the cart is {cart.status}", cart_id=cart_id)
    # Abandoning is no change of what the order was priced with.
    if cart.version != cart_version and not (cart.status is CartStatus.ABANDONED and cart.version == cart_version + 1):
        raise CartChanged("the cart changed after the order was priced", cart_id=cart_id, version=cart.version)
    promotions = await _use(tx, order_id, buyer, codes)
    cart.become(CartStatus.ORDERED)
    cart.order_id = order_id
    await tx.update(cart)
    await timers.cancel(tx, ABANDON, str(cart_id))
    redemption = Redemption(
        order_id=order_id, cart_id=cart_id, promotion_ids=[str(promotion.id) for promotion in promotions],
        status=RedemptionStatus.REDEEMED, redeemed_at=tx.now,
    )  # fmt: skip
    await tx.insert(redemption)
    carts_total.labels("ordered").inc()
    redemptions_total.labels("redeemed").inc()
    return redemption


async def _lock(tx: Tx, order_id: UUID) -> Redemption | None:
    # Redeem and undo of one order may come at once, before there is a row to lock.
    await tx.fetch_one("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(order_id)])
    return await tx.find_one(Redemption, "WHERE order_id = %s", [order_id])


async def _use(tx: Tx, order_id: UUID, buyer: Buyer, codes: list[str]) -> list[Promotion]:
    promotions = await lock_by_codes(tx, codes) if codes else []
    missing = set(codes) - {promotion.code for promotion in promotions}
    if missing:
        raise _refusal(sorted(missing)[0], "unknown")
    needs_first = any(promotion.first_order_only for promotion in promotions)
    is_first = not needs_first or await _claim_first(tx, order_id, buyer)
    for promotion in promotions:
        if why := promotion.why_not(now=tx.now, is_first_order=is_first):
            raise _refusal(promotion.code, why)
        promotion.used += 1
        await tx.update(promotion)
    return promotions


def _refusal(code: str, why: str) -> PromotionNotValid:
    redemptions_total.labels("refused").inc()
    return PromotionNotValid("a promotion does not hold any more", code=code, why=why)


async def _claim_first(tx: Tx, order_id: UUID, buyer: Buyer) -> bool:
    """Whether this is the buyer's first order; if so nobody else's order of theirs is, until this one is undone."""
    if await has_ordered(tx, buyer.owner_id, buyer.email_digest):
        return False
    for name in buyer.names:
        await tx.run("INSERT INTO first_order_claim (buyer, order_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", [name, order_id])
    mine = await tx.fetch_one("SELECT count(*) FROM first_order_claim WHERE buyer = ANY(%s) AND order_id = %s", [buyer.names, order_id])
    return mine is not None and mine[0] == len(buyer.names)


async def unredeem(tx: Tx, order_id: UUID) -> Redemption:
    """Gives promotions and cart back. Idempotent; an unknown order leaves a tombstone, so that a late `redeem` is refused."""
    found = await _lock(tx, order_id)
    if found is None:
        found = Redemption(order_id=order_id, cart_id=None, status=RedemptionStatus.UNDONE, redeemed_at=tx.now)
        await tx.insert(found)
        return found
    if found.status is RedemptionStatus.UNDONE:
        return found
    cart = await tx.lock(Cart, found.cart_id) if found.cart_id else None
    for promotion in await lock_by_ids(tx, [UUID(id) for id in found.promotion_ids]):
        promotion.used = max(0, promotion.used - 1)
        await tx.update(promotion)
    await tx.run("DELETE FROM first_order_claim WHERE order_id = %s", [order_id])
    if cart is not None and cart.order_id == order_id:
        cart.become(CartStatus.OPEN)
        cart.order_id, cart.updated_at = None, tx.now
        await tx.update(cart)
    found.status = RedemptionStatus.UNDONE
    await tx.update(found)
    redemptions_total.labels("undone").inc()
    return found
