"""Carts: a shopper's lines and coupon codes.

A line has no life outside its cart: lines are a JSONB column, so that a cart is read in one statement and changed in one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, bindparam, text
from sqlmodel import col, select

from cart.errors import CartNotFound, CartNotOpen, InvalidQuantity, LineNotFound, TooManyLines, UnknownVariant
from cart.offers import Offer, Offers, View
from cart.promotions import NO_RULES, ORDERS_PLACED, PROMOTIONS, Rules
from chassis.data import timers
from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Field, Row, code, column, counter, document, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7

MOST_LINES: Final = 100
ABANDON: Final = "abandon"
_LOOP: Final = Loop("carts")


class CartStatus(StrEnum):
    OPEN = "open"
    # Still open to its owner; a change makes it plainly open again.
    ABANDONED = "abandoned"
    ORDERED = "ordered"
    MERGED = "merged"


USABLE: Final = frozenset({CartStatus.OPEN, CartStatus.ABANDONED})


@dataclass(slots=True)
class Line:
    """A quantity of a variant, in 10^-scale units, and the offer as the cart's last change saw it."""

    id: UUID
    variant_id: UUID
    quantity: int
    seen: Offer


class Cart(Row, table=True):
    """Owned by a guest or customer. Usable while open or abandoned. `email` is lower case, empty unless saved.

    A synthetic shopper's holds synthetic products only, has no promotions, and nobody is told of it.
    """

    __tablename__ = "cart"
    __table_args__ = (
        CheckConstraint("channel <> ''"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'"),
        states("status", CartStatus),
        CheckConstraint("jsonb_typeof(lines) = 'array' AND jsonb_array_length(lines) <= 100"),
        CheckConstraint("jsonb_typeof(coupon_codes) = 'array'"),
        CheckConstraint("(email = '') = (email_digest = '')"),
        CheckConstraint("(merged_into IS NOT NULL) = (status = 'merged')"),
        Index("cart_owner_id", "owner_id", postgresql_where=text("status IN ('open', 'abandoned')")),
        {"postgresql_with": {"fillfactor": 80}},
    )

    id: UUID = Field(primary_key=True)
    owner_id: UUID
    organization_id: UUID | None = None
    channel: str
    currency: str
    locale: str
    status: CartStatus = code(CartStatus, default=CartStatus.OPEN)
    lines: list[Line] = document(list[Line])
    coupon_codes: list[str] = document(list[str])
    email: str = ""
    email_digest: str = ""
    may_remind: bool = False
    merged_into: UUID | None = None
    is_synthetic: bool = column(Boolean, default=False, server_default="false")
    version: int = counter(default=1)
    created_at: datetime
    updated_at: datetime

    @property
    def view(self) -> View:
        return View(self.channel, self.locale, self.currency, self.is_synthetic)

    @property
    def is_usable(self) -> bool:
        return self.status in USABLE

    @property
    def variant_ids(self) -> list[UUID]:
        return [line.variant_id for line in self.lines]

    def must_be_usable(self) -> None:
        """Raises CartNotOpen."""
        if not self.is_usable:
            raise CartNotOpen(status=self.status)

    def line(self, line_id: UUID) -> Line:
        """Raises LineNotFound."""
        for line in self.lines:
            if line.id == line_id:
                return line
        raise LineNotFound

    def line_of(self, variant_id: UUID) -> Line | None:
        return next((line for line in self.lines if line.variant_id == variant_id), None)

    def add(self, variant_id: UUID, quantity: int, offers: Offers) -> Line:
        """Adds a quantity to the variant's line, or a line. Raises UnknownVariant, InvalidQuantity, OutOfStock, TooManyLines."""
        offer = offers.by_variant.get(variant_id)
        if offer is None:
            raise UnknownVariant(variant_id=variant_id)
        if quantity < 1:
            raise InvalidQuantity(variant_id=variant_id, increment=offer.increment, scale=offer.scale)
        line = self.line_of(variant_id)
        wanted = quantity + (line.quantity if line else 0)
        offer.must_sell(wanted)
        offer.must_have(wanted)
        if line is None:
            if len(self.lines) >= MOST_LINES:
                raise TooManyLines(most=MOST_LINES)
            line = Line(uuid7(), variant_id, quantity, replace(offer, available=None))
            self.lines.append(line)
        line.quantity = wanted
        return line

    def subtotal_minor(self, offers: Offers) -> int:
        """Returns the cost of all lines today, before promotions."""
        return sum(offers.now(line.seen).subtotal_minor(line.quantity) for line in self.lines)

    def repriced(self, offers: Offers) -> frozenset[UUID]:
        """Variants whose price is not what the last change saw."""
        now = offers.by_variant
        return frozenset(
            line.variant_id for line in self.lines if line.variant_id in now and now[line.variant_id].price_minor != line.seen.price_minor
        )

    def see(self, offers: Offers) -> None:
        """Takes the offers as what was last seen."""
        for line in self.lines:
            if offer := offers.by_variant.get(line.variant_id):
                line.seen = replace(offer, available=None)


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what a cart is changed: today's offers, the version that the caller saw (0 for any), and when to call it abandoned."""

    offers: Offers
    abandon_after: timedelta
    expected_version: int = 0


@dataclass(frozen=True, slots=True)
class Basket:
    """A cart with all that its totals follow from. `repriced` are variants whose price changed since the last change of the cart."""

    cart: Cart
    rules: Rules
    offers: Offers
    repriced: frozenset[UUID] = frozenset()


def a_cart(owner_id: UUID, view: View, now: datetime) -> Cart:
    """A new, empty cart."""
    return Cart(
        id=uuid7(), owner_id=owner_id, channel=view.channel, currency=view.currency, locale=view.locale,
        lines=[], coupon_codes=[], is_synthetic=view.is_synthetic, created_at=now, updated_at=now,
    )  # fmt: skip


async def change(tx: Tx, cart: Cart, apply: Callable[[Cart], None], terms: Terms) -> Basket:
    """Applies a change and writes the cart in one statement. `cart` was read outside of the transaction: where it is stale, the newest is
    locked and `apply` runs on that instead. Raises CartNotOpen, VersionMismatch, CartNotFound, and what `apply` raises."""
    basket = await _try(tx, cart, apply, terms)
    if basket is None:
        newest = await tx.lock(Cart, cart.id)
        if newest is None or newest.owner_id != cart.owner_id:
            raise CartNotFound
        basket = await _try(tx, newest, apply, terms)
    if basket is None:
        raise VersionMismatch
    return basket


async def _try(tx: Tx, cart: Cart, apply: Callable[[Cart], None], terms: Terms) -> Basket | None:
    if terms.expected_version not in (0, cart.version):
        raise VersionMismatch(version=cart.version)
    cart.must_be_usable()
    apply(cart)
    repriced = cart.repriced(terms.offers)
    cart.see(terms.offers)
    cart.status, cart.updated_at = CartStatus.OPEN, tx.now
    rules = await write(tx, cart)
    if rules is None:
        return None
    await watch(tx, cart, terms.abandon_after)
    return Basket(cart, rules, terms.offers, repriced)


async def create(tx: Tx, cart: Cart, terms: Terms) -> Basket:
    """Inserts a new cart."""
    orders_placed, promotions = await tx.insert_returning(cart, ORDERS_PLACED, PROMOTIONS)
    if cart.lines:
        await watch(tx, cart, terms.abandon_after)
    return Basket(cart, _rules(cart, orders_placed, promotions), terms.offers)


async def write(tx: Tx, cart: Cart) -> Rules | None:
    """Writes a cart whose version is still the one that was read, and bumps it. None where somebody else was faster."""
    record = await tx.update_returning(cart, ORDERS_PLACED, PROMOTIONS)
    return _rules(cart, *record) if record else None


def _rules(cart: Cart, orders_placed: int, promotions: Sequence[Mapping[str, Any]] | None) -> Rules:
    """What the database says, for whom it is meant: a synthetic shopper would use up what is for others."""
    return NO_RULES if cart.is_synthetic else Rules.load(orders_placed, promotions)


async def must_write(tx: Tx, cart: Cart) -> Rules:
    """Writes a locked cart."""
    rules = await write(tx, cart)
    if rules is None:
        raise VersionMismatch
    return rules


async def watch(tx: Tx, cart: Cart, abandon_after: timedelta) -> None:
    """Sets the timer that finds an open cart with lines abandoned; takes it away from any other. Nobody misses a synthetic shopper."""
    if cart.lines and not cart.is_synthetic and cart.status is CartStatus.OPEN:
        await timers.schedule(tx, ABANDON, str(cart.id), tx.now + abandon_after, {"version": cart.version})
    else:
        await timers.cancel(tx, ABANDON, str(cart.id))


_USABLE: Final = text("cart.status IN ('open', 'abandoned')")
_WITH_RULES: Final = select(Cart, ORDERS_PLACED, PROMOTIONS).where(Cart.owner_id == bindparam("owner_id"))
_BY_ID: Final = prepare(_WITH_RULES.where(Cart.id == bindparam("cart_id")))
_CURRENT: Final = prepare(
    _WITH_RULES.where(Cart.channel == bindparam("channel"), _USABLE).order_by(col(Cart.updated_at).desc(), col(Cart.id).desc()).limit(1)
)


async def cart_of(read: Read, cart_id: UUID, owner_id: UUID) -> tuple[Cart, Rules]:
    """The owner's cart and its rules, in one statement. Raises CartNotFound for a stranger's too."""
    return _found(await read.one(_BY_ID, cart_id=cart_id, owner_id=owner_id))


async def current_cart_of(read: Read, owner_id: UUID, channel: str) -> tuple[Cart, Rules]:
    """The usable cart of a channel that its owner changed last. Raises CartNotFound."""
    return _found(await read.one(_CURRENT, owner_id=owner_id, channel=channel))


def _found(record: tuple[Cart, int, Any] | None) -> tuple[Cart, Rules]:
    if record is None:
        raise CartNotFound
    cart, orders_placed, promotions = record
    return cart, _rules(cart, orders_placed, promotions)


async def usable_carts_of(read: Read, owner_ids: Iterable[UUID]) -> list[Cart]:
    """Usable carts of several owners, last changed first. One that cannot be read is left out."""
    query = select(Cart).where(one_of(Cart.owner_id, owner_ids), _USABLE).order_by(col(Cart.id))
    return _last_changed_first(await find_readable(read, Cart, query, loop=_LOOP))


async def lock_usable_carts_of(tx: Tx, owner_ids: Iterable[UUID]) -> list[Cart]:
    """The same, locked in the order of ids."""
    query = select(Cart).where(one_of(Cart.owner_id, owner_ids), _USABLE).order_by(col(Cart.id)).with_for_update()
    return _last_changed_first(await find_readable(tx, Cart, query, loop=_LOOP))


def _last_changed_first(found: list[Cart]) -> list[Cart]:
    return sorted(found, key=lambda cart: (cart.updated_at, cart.id), reverse=True)
