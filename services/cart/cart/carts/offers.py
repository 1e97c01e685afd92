"""Offers of the catalogue: the only source of prices, titles and availability."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from cart.errors import InvalidQuantity, LoginRequired, OutOfStock
from chassis.line_item import Availability, ItemKind
from chassis.money import Money
from chassis.quantity import Quantity

MOST_QUANTITY: Final = 1_000_000
# From here down stock is low. Exact counts are not public.
LOW_STOCK_AT_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class CatalogContext:
    """Channel, locale, currency of a question to catalog; whether a synthetic shopper asks.

    An empty currency is the channel's first. Organization and group are those of the buyer, whose
    price lists count; a guest may see no prices in some channels.
    """

    channel: str
    locale: str
    currency: str
    is_synthetic: bool = False
    organization_id: UUID | None = None
    customer_group: str = ""
    is_guest: bool = False

    @property
    def is_personal(self) -> bool:
        """Returns whether prices may be for this buyer alone."""
        return self.organization_id is not None or bool(self.customer_group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A variant in a catalogue context.

    `price_minor` is for one unit; `tiers` are pairs of a quantity and the price of a unit from it
    on, the least first.

    Quantities and `available` are in 10^-scale units, multiples of `increment`. `available` is None
    if it is not known. `available_now` of it is there, and the rest is promised, as `promise` says.
    """

    variant_id: UUID
    product_id: UUID
    sku: str = ""
    title: str = ""
    options: str = ""
    product_slug: str = ""
    image_url: str = ""
    price_minor: int
    tiers: tuple[tuple[int, int], ...] = ()
    currency: str
    tax_included: bool = True
    weight_grams: int = 0
    volume_cm3: int = 0
    tax_class: str = "standard"
    unit_code: str = "C62"
    scale: int = 0
    increment: int = 1
    category_slugs: tuple[str, ...] = ()
    available: int | None = None
    available_now: int | None = None
    promise: Availability | None = None
    expected_at: datetime | None = None
    kind: ItemKind = ItemKind.PHYSICAL
    gift_card_value_minor: int | None = None

    def quantity(self, steps: int) -> Quantity:
        """Returns a quantity of this variant."""
        return Quantity(steps, self.scale, self.increment, self.unit_code)

    def subtotal_minor(self, steps: int) -> int:
        """Returns the price of a quantity in minor units, rounded half to even.

        It has no bound, because prices may rise.
        """
        price_minor = self.unit_price_minor(steps)
        if self.scale == 0:
            return price_minor * steps
        return Money(price_minor, self.currency).at_rate(self.quantity(steps).amount).amount_minor

    def unit_price_minor(self, steps: int) -> int:
        """Returns the price of one unit of a quantity: of the greatest tier that it reaches."""
        reached = [price_minor for least, price_minor in self.tiers if least <= steps]
        return reached[-1] if reached else self.price_minor

    def availability(self, quantity: int = 1) -> Availability:
        """Returns the public class of what is available; in stock if it is not known.

        A quantity of which some is not there yet has the class of what is promised.
        """
        if self.available is None:
            return Availability.IN_STOCK
        if self.available < self.increment:
            return Availability.OUT_OF_STOCK
        there = self.available if self.available_now is None else self.available_now
        if self.promise is not None and there < max(quantity, self.increment):
            return self.promise
        return Availability.LOW_STOCK if there <= LOW_STOCK_AT_MOST else Availability.IN_STOCK

    def without_stock(self) -> Self:
        """Returns the offer as it is kept: what is available changes without it."""
        return replace(self, available=None, available_now=None, promise=None, expected_at=None)

    def is_available(self, quantity: int) -> bool:
        """Returns whether a quantity can be had, as far as is known."""
        return self.available is None or quantity <= self.available

    def require_sellable(self, quantity: int) -> None:
        """Raises InvalidQuantity unless it is a positive multiple of the increment."""
        if quantity > MOST_QUANTITY or not self.quantity(quantity).is_sellable:
            raise InvalidQuantity(
                variant_id=self.variant_id, increment=self.increment, scale=self.scale
            )

    def require_available(self, quantity: int) -> None:
        """Raises OutOfStock."""
        if not self.is_available(quantity):
            raise OutOfStock(variant_id=self.variant_id)


@dataclass(frozen=True, slots=True)
class Offers:
    """The catalogue's answer for the variants `asked`.

    If `is_current` is false, it did not answer, and the last seen offers stand in. `may_buy` is
    false for a guest where only customers buy.
    """

    currency: str
    by_variant: Mapping[UUID, Offer]
    asked: frozenset[UUID]
    is_current: bool = True
    may_buy: bool = True

    @classmethod
    def answered(cls, currency: str, asked: Iterable[UUID], offers: Iterable[Offer]) -> Self:
        return cls(currency, {offer.variant_id: offer for offer in offers}, frozenset(asked))

    def require_buyer(self) -> None:
        """Raises LoginRequired for a guest where only customers buy."""
        if not self.may_buy:
            raise LoginRequired("log in to buy in this channel")

    def is_gone(self, variant_id: UUID) -> bool:
        """Returns whether the catalogue was asked for a variant and does not offer it any more."""
        return variant_id in self.asked and variant_id not in self.by_variant

    def current(self, seen: Offer) -> Offer:
        """Returns the offer that stands now in place of the one last seen.

        It is unavailable if the variant is gone, and of unknown stock if the catalogue did not
        answer.
        """
        if offer := self.by_variant.get(seen.variant_id):
            return offer
        return replace(seen, available=0 if seen.variant_id in self.asked else None)


NOT_CURRENT: Final = Offers("", {}, frozenset(), is_current=False)
