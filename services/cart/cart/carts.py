"""Carts and their lines."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from cart.errors import CartNotFound, CartNotOpen
from chassis.auth import Caller
from chassis.db import Read, Row, Tx
from chassis.errors import VersionMismatch

MAX_LINES: Final = 100
MAX_QUANTITY: Final = 1_000_000
MAX_COUPONS: Final = 10


class CartStatus(StrEnum):
    OPEN = "open"
    ABANDONED = "abandoned"
    ORDERED = "ordered"
    MERGED = "merged"


# An abandoned cart is still its owner's: any change opens it again. An order that is undone gives its cart back.
TRANSITIONS: Final = {
    CartStatus.OPEN: {CartStatus.ABANDONED, CartStatus.ORDERED, CartStatus.MERGED},
    CartStatus.ABANDONED: {CartStatus.OPEN, CartStatus.ORDERED, CartStatus.MERGED},
    CartStatus.ORDERED: {CartStatus.OPEN},
    CartStatus.MERGED: set(),
}


@dataclass(kw_only=True)
class Cart(Row, table="cart"):
    """What a guest or a customer is about to buy. `email` is empty unless the cart was saved."""

    id: UUID
    owner_id: UUID
    organization_id: UUID | None = None
    channel: str
    currency: str
    locale: str
    status: CartStatus = CartStatus.OPEN
    coupon_codes: list[str] = field(default_factory=list)
    email: str = ""
    remind: bool = False
    order_id: UUID | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @property
    def can_change(self) -> bool:
        return self.status in (CartStatus.OPEN, CartStatus.ABANDONED)

    def become(self, status: CartStatus) -> None:
        """Raises CartNotOpen if the transition is not in TRANSITIONS."""
        if status not in TRANSITIONS[self.status]:
            raise CartNotOpen(f"the cart is {self.status}", cart_id=self.id)
        self.status = status

    def touch(self, now: datetime) -> None:
        """Marks a change by its owner. Raises CartNotOpen."""
        if not self.can_change:
            raise CartNotOpen(f"the cart is {self.status}", cart_id=self.id)
        self.status, self.updated_at = CartStatus.OPEN, now


@dataclass(kw_only=True)
class CartLine(Row, table="cart_line"):
    """A quantity of a variant, in increments. Title and price are what the shopper last saw."""

    id: UUID
    cart_id: UUID
    variant_id: UUID
    product_id: UUID
    quantity: int
    title: str
    seen_price_minor: int


async def cart_of(read: Read, cart_id: UUID, caller: Caller) -> Cart:
    """The caller's cart. Raises CartNotFound, for a stranger's too."""
    cart = await read.get(Cart, cart_id)
    return _owned(cart, cart_id, caller)


async def locked(tx: Tx, cart_id: UUID, caller: Caller, *, expected_version: int = 0) -> Cart:
    """The caller's cart, locked. Raises CartNotFound, CartNotOpen, VersionMismatch."""
    cart = _owned(await tx.lock(Cart, cart_id), cart_id, caller)
    if not cart.can_change:
        raise CartNotOpen(f"the cart is {cart.status}", cart_id=cart.id)
    if expected_version and cart.version != expected_version:
        raise VersionMismatch("the cart changed meanwhile", version=cart.version)
    return cart


def _owned(cart: Cart | None, cart_id: UUID, caller: Caller) -> Cart:
    missing = CartNotFound("no such cart", cart_id=cart_id)
    if cart is None:
        raise missing
    caller.must_own(cart.owner_id, missing)
    return cart


async def lines_of(read: Read, cart_id: UUID) -> list[CartLine]:
    """Lines in the order of adding."""
    return await read.find(CartLine, "WHERE cart_id = %s ORDER BY id", [cart_id])


async def current_of(read: Read, owner_id: UUID, channel: str = "") -> Cart | None:
    """The owner's newest cart that can change; of any channel where none is named."""
    return await read.find_one(
        Cart,
        "WHERE owner_id = %s AND status IN ('open', 'abandoned') AND (%s = '' OR channel = %s) ORDER BY id DESC LIMIT 1",
        [owner_id, channel, channel],
    )


async def write_lines(tx: Tx, lines: list[CartLine]) -> None:
    """Writes lines of one cart, new ones and changed ones, by their variant."""
    await tx.run_many(
        "INSERT INTO cart_line (id, cart_id, variant_id, product_id, quantity, title, seen_price_minor)"
        " VALUES (%(id)s, %(cart_id)s, %(variant_id)s, %(product_id)s, %(quantity)s, %(title)s, %(seen_price_minor)s)"
        " ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = excluded.quantity, title = excluded.title,"
        " seen_price_minor = excluded.seen_price_minor",
        [line.dump() for line in lines],
    )
