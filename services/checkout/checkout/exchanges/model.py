"""Exchanges as calls ask for them, and the offers of what replaces the goods."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from chassis.line_item import ItemKind, LineItem
from chassis.money import Money
from chassis.quantity import Quantity
from checkout.checkouts.review import PriceTables
from checkout.idempotency import IdempotencyKey
from checkout.placing.model import OrderTerms
from checkout.settings import ChannelSettings


class ExchangePricing(StrEnum):
    """Prices of a replacement: that of the goods that it replaces, or its own now."""

    KEPT = "kept"
    CURRENT = "current"


@dataclass(frozen=True, slots=True)
class ExchangePrice:
    """The pricing of a replacement, and the worth of the goods that it replaces.

    `may_cost_more` says that the buyer is asked for what it costs more.
    """

    pricing: ExchangePricing
    value_minor: int
    may_cost_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementOffer:
    """A variant that the catalogue sells in the order's channel and currency now."""

    variant_id: UUID
    product_id: str
    sku: str
    title: str
    options: str
    product_slug: str
    image_url: str
    price_minor: int
    tiers: tuple[tuple[int, int], ...]
    currency: str
    weight_grams: int
    volume_cm3: int
    tax_class: str
    unit_code: str
    scale: int
    increment: int
    kind: ItemKind

    def item(self, steps: int) -> LineItem:
        """Returns a quantity of it at its present price."""
        quantity = Quantity(steps, self.scale, self.increment, self.unit_code)
        price = Money(
            next((at for least, at in reversed(self.tiers) if least <= steps), self.price_minor),
            self.currency,
        )
        return LineItem(
            variant_id=self.variant_id,
            product_id=self.product_id,
            sku=self.sku,
            title=self.title,
            options=self.options,
            product_slug=self.product_slug,
            image_url=self.image_url,
            quantity=quantity,
            unit_price=price,
            subtotal=quantity.times(price),
            discount=Money(0, self.currency),
            tax_class=self.tax_class,
            mass_grams=quantity.mass(self.weight_grams),
            volume_cm3=quantity.volume(self.volume_cm3),
            kind=self.kind,
        )


@dataclass(frozen=True, slots=True)
class ExchangeTerms:
    """Offers, rates and settings for an exchange now. `offers` are by variant."""

    offers: Mapping[UUID, ReplacementOffer]
    channel: ChannelSettings
    tables: PriceTables
    order: OrderTerms


@dataclass(frozen=True, slots=True)
class ExchangeReturn:
    """A call of ExchangeReturn. `variants` are what replaces the order lines of the return.

    `method` is the code of what pays a higher price; empty where it may not be higher.
    """

    key: IdempotencyKey
    return_id: UUID
    variants: Mapping[UUID, UUID]
    pricing: ExchangePricing
    method: str = ""
    expected_version: int = 0
