"""Carts, their lines, and the rules of both.

A line has no life outside its cart: lines are a JSONB column, so that one statement reads a cart
and one writes it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Text, text

from cart.carts.offers import MOST_QUANTITY, CatalogContext, Offer, Offers
from cart.errors import (
    CartNotOpen,
    CartTotalTooLarge,
    InvalidQuantity,
    LineNotFound,
    OutOfStock,
    TooManyLines,
    UnknownVariant,
)
from cart.promotions.model import PricingRules
from chassis.data.rows import Field, Row, code, column, counter, document, states
from chassis.money import MOST_MINOR
from chassis.runtime.clock import uuid7

MOST_LINES: Final = 100
MOST_COUPONS: Final = 10
# Kind of the timer that finds a cart abandoned.
ABANDON: Final = "abandon"


class CartStatus(StrEnum):
    """States of a cart. An abandoned cart is still its owner's to use; a change opens it again."""

    OPEN = "open"
    ABANDONED = "abandoned"
    ORDERED = "ordered"
    MERGED = "merged"


USABLE: Final = frozenset({CartStatus.OPEN, CartStatus.ABANDONED})


class PriceOverrideReason(StrEnum):
    """Reasons for a price that staff agree with a shopper."""

    PRICE_MATCH = "price_match"
    DAMAGED = "damaged"
    GOODWILL = "goodwill"
    NEGOTIATED = "negotiated"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """A price of one unit that a member of the staff agreed with the shopper."""

    unit_price_minor: int
    currency: str
    reason: PriceOverrideReason
    staff_id: UUID


@dataclass(slots=True)
class Line:
    """A quantity of a variant in 10^-scale units, and the offer at the cart's last change.

    An `override` is a price for this quantity: `resize` says when a line loses it.
    """

    id: UUID
    variant_id: UUID
    quantity: int
    seen: Offer
    override: PriceOverride | None = None

    def resize(self, quantity: int) -> None:
        """Sets the quantity.

        More of it loses the agreed price, and so does less where the price depends on the quantity.
        """
        if quantity > self.quantity or (quantity < self.quantity and self.seen.tiers):
            self.override = None
        self.quantity = quantity

    def agreed(self, offer: Offer) -> Offer:
        """Returns today's offer at the price that staff agreed, if they did in its currency.

        A price of the catalogue that fell below it counts.
        """
        if self.override is None or self.override.currency != offer.currency:
            return offer
        listed_minor = offer.unit_price_minor(self.quantity)
        price_minor = min(self.override.unit_price_minor, listed_minor)
        return replace(offer, price_minor=price_minor, tiers=())


@dataclass(frozen=True, slots=True)
class NewLine:
    """A quantity of a variant to add, in 10^-scale units."""

    variant_id: UUID
    quantity: int


class Cart(Row, table=True):
    """A guest's or a customer's cart.

    `email` is in lower case, and empty unless the cart is saved.

    A synthetic shopper's cart holds synthetic products only, has no promotions, and emits only
    synthetic events.
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
        Index(
            "cart_owner_id", "owner_id", postgresql_where=text("status IN ('open', 'abandoned')")
        ),
        Index("cart_email_digest", "email_digest", postgresql_where=text("email_digest <> ''")),
        Index(
            "cart_ended_owner_id",
            "owner_id",
            postgresql_where=text("status IN ('ordered', 'merged')"),
        ),
        {"postgresql_with": {"fillfactor": 80}},
    )

    id: UUID = Field(primary_key=True)
    owner_id: UUID
    organization_id: UUID | None = None
    customer_group: str = column(Text, default="", server_default="''")
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
    is_guests: bool = column(Boolean, default=False, server_default="false")
    version: int = counter(default=1)
    created_at: datetime
    updated_at: datetime

    @classmethod
    def new(cls, owner_id: UUID, context: CatalogContext, now: datetime) -> "Cart":
        """Returns an empty cart."""
        return cls(
            id=uuid7(),
            owner_id=owner_id,
            channel=context.channel,
            currency=context.currency,
            locale=context.locale,
            lines=[],
            coupon_codes=[],
            organization_id=context.organization_id,
            customer_group=context.customer_group,
            is_synthetic=context.is_synthetic,
            is_guests=context.is_guest,
            created_at=now,
            updated_at=now,
        )

    @property
    def catalog_context(self) -> CatalogContext:
        """The channel, locale and currency in which the catalogue is asked for this cart."""
        return CatalogContext(
            self.channel,
            self.locale,
            self.currency,
            self.is_synthetic,
            self.organization_id,
            self.customer_group,
            self.is_guests,
        )

    @property
    def is_usable(self) -> bool:
        return self.status in USABLE

    @property
    def variant_ids(self) -> list[UUID]:
        return [line.variant_id for line in self.lines]

    def require_usable(self) -> None:
        """Raises CartNotOpen."""
        if not self.is_usable:
            raise CartNotOpen(status=self.status)

    def line(self, line_id: UUID) -> Line:
        """Raises LineNotFound."""
        for line in self.lines:
            if line.id == line_id:
                return line
        raise LineNotFound

    def find_line(self, variant_id: UUID) -> Line | None:
        """Returns the line of a variant, if there is one."""
        return next((line for line in self.lines if line.variant_id == variant_id), None)

    def add(self, item: NewLine, offers: Offers) -> Line:
        """Adds a quantity to the variant's line, or a new line. Returns the line.

        Raises LoginRequired, UnknownVariant, InvalidQuantity, OutOfStock, TooManyLines.
        """
        offers.require_buyer()
        offer = offers.by_variant.get(item.variant_id)
        if offer is None:
            raise UnknownVariant(variant_id=item.variant_id)
        if item.quantity < 1:
            raise InvalidQuantity(
                variant_id=item.variant_id, increment=offer.increment, scale=offer.scale
            )
        line = self.find_line(item.variant_id)
        quantity = item.quantity + (line.quantity if line else 0)
        offer.require_sellable(quantity)
        offer.require_available(quantity)
        if line is None:
            if len(self.lines) >= MOST_LINES:
                raise TooManyLines(most=MOST_LINES)
            line = Line(uuid7(), item.variant_id, quantity, offer.without_stock())
            self.lines.append(line)
        line.resize(quantity)
        return line

    def set_quantity(self, line: Line, quantity: int, offers: Offers) -> bool:
        """Sets the quantity of a line; 0 removes it.

        Returns whether it rose. Only a higher quantity needs today's offer.

        Raises LoginRequired, InvalidQuantity, OutOfStock.
        """
        if quantity == 0:
            self.lines.remove(line)
            return False
        line.seen.require_sellable(quantity)
        is_raised = quantity > line.quantity
        if is_raised:
            offers.require_buyer()
            offer = offers.by_variant.get(line.variant_id)
            if offer is None:
                raise OutOfStock(variant_id=line.variant_id)
            offer.require_sellable(quantity)
            offer.require_available(quantity)
        line.resize(quantity)
        return is_raised

    def take_lines(
        self, lines: Iterable[Line], offers: Offers, combine: Callable[[int, int], int]
    ) -> bool:
        """Copies lines of another cart into this one.

        Returns whether that changed it.

        `combine` returns the quantity of a variant that both carts have. A line that was last
        priced in another currency comes only if it is offered in this cart's currency. Stock is not
        checked: the cart's notices tell what is missing. At most 100 lines fit.
        """
        is_changed = False
        for line in lines:
            mine = self.find_line(line.variant_id)
            if mine is not None:
                quantity = min(combine(mine.quantity, line.quantity), MOST_QUANTITY)
                is_changed |= quantity != mine.quantity
                mine.resize(quantity)
                continue
            seen = (
                line.seen
                if line.seen.currency == self.currency
                else offers.by_variant.get(line.variant_id)
            )
            if seen is not None and len(self.lines) < MOST_LINES:
                self.lines.append(
                    Line(uuid7(), line.variant_id, line.quantity, seen.without_stock())
                )
                is_changed = True
        return is_changed

    def subtotal_minor(self, offers: Offers) -> int:
        """Returns today's cost of all lines before promotions, in minor units."""
        return sum(
            line.agreed(offers.current(line.seen)).subtotal_minor(line.quantity)
            for line in self.lines
        )

    def require_bounded(self, offers: Offers) -> None:
        """Raises CartTotalTooLarge if the lines cost more than an amount may be."""
        if self.subtotal_minor(offers) > MOST_MINOR:
            raise CartTotalTooLarge(most_minor=MOST_MINOR, currency=self.currency)

    def repriced_variants(self, offers: Offers) -> frozenset[UUID]:
        """Returns the variants whose price differs from that at the cart's last change."""
        now = offers.by_variant
        return frozenset(
            line.variant_id
            for line in self.lines
            if line.variant_id in now
            and now[line.variant_id].unit_price_minor(line.quantity)
            != line.seen.unit_price_minor(line.quantity)
        )

    def remember(self, offers: Offers) -> None:
        """Keeps the offers of its lines as those at its last change."""
        for line in self.lines:
            if offer := offers.by_variant.get(line.variant_id):
                line.seen = offer.without_stock()


@dataclass(frozen=True, slots=True)
class ChangeContext:
    """Today's offers, the caller's version (0 for any), and the delay until abandonment.

    `is_guest` says whether its owner is a guest; None where the cart knows.
    """

    offers: Offers
    abandon_after: timedelta
    expected_version: int = 0
    is_guest: bool | None = None


@dataclass(frozen=True, slots=True)
class PricedCart:
    """A cart with all that its totals follow from.

    `repriced` are variants whose price changed since the cart's last change.
    """

    cart: Cart
    rules: PricingRules
    offers: Offers
    repriced: frozenset[UUID] = frozenset()
