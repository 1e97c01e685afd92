"""Offers of variants: price and availability from the live tables, for carts and checkouts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased
from sqlalchemy.types import TypeEngine
from sqlmodel import col

from catalog.bundles.model import BundlePart
from catalog.categories.model import NO_CATEGORY
from catalog.channels.model import Channel, View, localized
from catalog.gift_card_variants.model import GiftCardVariant
from catalog.listings.model import ListingText
from catalog.prices.model import Price, PriceList, PriceTier
from catalog.prices.resolution import EVERYBODY, Audience
from catalog.products.model import Image, OptionValue, Product, Variant
from catalog.stock.model import DIGITAL, PROMISED, StockLevel, available_column
from catalog.stock.policies import PolicyKind, StockPolicy
from chassis.data.rows import Document
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from chassis.line_item import Availability, ItemKind

MOST_VARIANTS: Final = 200
# The place of the title in a record of an offer.
_TITLE: Final = 10


@dataclass(frozen=True, slots=True)
class Offer:
    """One variant in one view.

    `available` is the sum over the channel's warehouses, in increments, and `promised` what may be
    sold beyond it; `amount_minor` is for one unit. `face_values` are those of a gift card by
    currency.
    """

    variant_id: UUID
    product_id: UUID
    sku: str
    options: list[OptionValue]
    weight_grams: int
    volume_cm3: int
    tax_class: str
    unit_code: str
    scale: int
    increment: int
    title: str
    product_slug: str
    category_id: UUID
    image: Image | None
    amount_minor: int
    tax_included: bool
    available: int
    promised: int = 0
    policy: PolicyKind | None = None
    expected_at: datetime | None = None
    compare_at_minor: int | None = None
    tiers: list[list[int]] | None = None
    kind: ItemKind = ItemKind.PHYSICAL
    face_values: dict[str, int] | None = None

    @property
    def promise(self) -> Availability | None:
        """The class of what is promised beyond `available`; None where nothing is."""
        if self.promised <= 0 or self.policy is None:
            return None
        return (
            Availability.PREORDER if self.policy is PolicyKind.PREORDER else Availability.BACKORDER
        )


_zero: Final[ColumnElement[int]] = literal_column("0")
_variant: Final = (
    col(Variant.id),
    col(Variant.product_id),
    col(Variant.sku),
    col(Variant.options),
    col(Variant.weight_grams),
    col(Variant.volume_cm3),
    col(Variant.tax_class),
    col(Variant.unit_code),
    col(Variant.scale),
    col(Variant.increment),
)
_image: Final[TypeEngine[Any]] = Document(Image)
_first_image: Final = type_coerce(col(Product.images).op("->")(_zero), _image)
_own_stock: Final = func.coalesce(
    select(cast(func.sum(available_column), BigInteger))
    .where(
        col(StockLevel.variant_id) == col(Variant.id), one_of(StockLevel.warehouse, "warehouses")
    )
    .scalar_subquery(),
    _zero,
)
_of_part: Final = aliased(Variant)
_stock_of_part: Final = func.coalesce(
    select(cast(func.sum(available_column), BigInteger))
    .where(
        col(StockLevel.variant_id) == col(BundlePart.part_id),
        one_of(StockLevel.warehouse, "warehouses"),
    )
    .correlate(BundlePart)
    .scalar_subquery(),
    _zero,
)
# As `bundles.model.available_bundles` says it; only bundles are looked for in other tables.
_available: Final = case(
    (
        col(Variant.is_bundle),
        func.coalesce(
            select(
                func.min(
                    case(
                        (col(_of_part.is_active), _stock_of_part // col(BundlePart.quantity)),
                        else_=_zero,
                    )
                )
            )
            .select_from(BundlePart)
            .join(_of_part, col(_of_part.id) == col(BundlePart.part_id))
            .where(col(BundlePart.bundle_id) == col(Variant.id))
            .correlate(Variant)
            .scalar_subquery(),
            _zero,
        ),
    ),
    else_=_own_stock,
)
# Only where a policy is: most variants have none, and no level of promises.
_promised: Final = case(
    (col(StockPolicy.variant_id).is_(None), _zero),
    else_=func.coalesce(
        select(available_column)
        .where(
            col(StockLevel.variant_id) == col(Variant.id),
            col(StockLevel.warehouse) == literal_column(f"'{PROMISED}'"),
        )
        .scalar_subquery(),
        _zero,
    ),
)
_of_policy: Final = (_promised, col(StockPolicy.kind), col(StockPolicy.expected_at))
_has_policy: Final = col(StockPolicy.variant_id) == col(Variant.id)
_organization: Final = bindparam("organization_id", type_=Uuid())
_now: Final = bindparam("now", type_=DateTime(timezone=True))
_is_own: Final = col(PriceList.code) == bindparam("price_list", type_=Text())
# As `prices.resolution` says it.
_counts: Final = or_(
    _is_own,
    and_(
        col(PriceList.channel) == bindparam("channel", type_=Text()),
        col(PriceList.is_active),
        or_(col(PriceList.valid_from).is_(None), col(PriceList.valid_from) <= _now),
        or_(col(PriceList.valid_to).is_(None), col(PriceList.valid_to) > _now),
        or_(
            col(PriceList.organization_id) == _organization,
            and_(
                col(PriceList.organization_id).is_(None),
                one_of(PriceList.customer_group, "groups"),
            ),
        ),
    ),
)
_specific: Final = case(
    (col(PriceList.organization_id).is_not(None), 0),
    (col(PriceList.customer_group) != literal_column("''"), 1),
    else_=2,
)
_tiers: Final = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(col(PriceTier.min_quantity), col(PriceTier.amount_minor)),
                col(PriceTier.min_quantity),
            )
        )
    )
    .where(
        col(PriceTier.variant_id) == col(Price.variant_id),
        col(PriceTier.price_list) == col(Price.price_list),
        col(PriceTier.currency) == col(Price.currency),
    )
    .scalar_subquery()
)
_price: Final = (
    select(
        col(Price.amount_minor),
        col(Price.compare_at_minor),
        col(PriceList.tax_included),
        _tiers.label("tiers"),
    )
    .select_from(Price)
    .join(PriceList, col(PriceList.code) == col(Price.price_list))
    .where(
        col(Price.variant_id) == col(Variant.id),
        col(Price.currency) == bindparam("currency", type_=Text()),
        or_(
            col(PriceList.currency) == literal_column("''"),
            col(PriceList.currency) == col(Price.currency),
        ),
        _counts,
    )
    .order_by(_is_own, _specific, col(PriceList.priority).desc(), col(PriceList.code))
    .limit(literal_column("1"))
    .correlate(Variant)
    .lateral("listed")
)
# Only gift cards are looked for.
_face_values: Final = type_coerce(
    case(
        (
            col(Variant.kind) == literal_column(f"'{ItemKind.GIFT_CARD}'"),
            select(col(GiftCardVariant.face_values))
            .where(col(GiftCardVariant.variant_id) == col(Variant.id))
            .correlate(Variant)
            .scalar_subquery(),
        ),
        else_=null(),
    ),
    Document(dict[str, int] | None),
)
_of_price: Final = (
    _price.c.compare_at_minor,
    _price.c.tiers,
    col(Variant.kind),
    _face_values,
)
_is_in_view: Final = and_(
    col(ListingText.product_id) == col(Variant.product_id),
    col(ListingText.channel) == bindparam("channel"),
    col(ListingText.locale) == bindparam("locale"),
)
_OFFERS: Final = prepare(
    select(
        *_variant, col(ListingText.title), col(ListingText.slug), col(ListingText.category_id),
        _first_image, _price.c.amount_minor,
        _price.c.tax_included, _available, *_of_policy, *_of_price,
    )
    .select_from(Variant)
    .join(_price, true())
    .join(ListingText, _is_in_view)
    .join(Product, and_(col(Product.id) == col(Variant.product_id),
    not_(col(Product.is_synthetic))))
    .outerjoin(StockPolicy, _has_policy)
    .where(one_of(Variant.id, "variant_ids"), col(Variant.is_active), col(Product.is_sellable))
)  # fmt: skip
# Nothing of a synthetic product is published, so that its texts come from the product itself.
_synthetic: Final = (
    select(
        *_variant,
        col(Product.title),
        col(Product.slug),
        func.coalesce(col(Product.category_id), literal(NO_CATEGORY, Uuid())),
        _first_image,
        _price.c.amount_minor,
        _price.c.tax_included,
        _available,
        *_of_policy,
        *_of_price,
    )
    .select_from(Product)
    .join(Variant, and_(col(Variant.product_id) == col(Product.id), col(Variant.is_active)))
    .join(_price, true())
    .outerjoin(StockPolicy, _has_policy)
    .where(col(Product.is_synthetic))
    .order_by(col(Variant.id))
    .limit(MOST_VARIANTS)
)
_ALL_SYNTHETIC: Final = prepare(_synthetic)
_SYNTHETIC: Final = prepare(_synthetic.where(one_of(Variant.id, "variant_ids")))
_SYNTHETIC_VARIANTS: Final = prepare(
    select(col(Variant.id))
    .join(Product, col(Product.id) == col(Variant.product_id))
    .where(col(Product.is_synthetic))
    .limit(MOST_VARIANTS)
)


_OF_PRODUCTS: Final = prepare(
    select(
        col(Variant.product_id),
        _price.c.amount_minor,
        _price.c.compare_at_minor,
    )
    .select_from(Variant)
    .join(_price, true())
    .where(one_of(Variant.product_id, "product_ids"), col(Variant.is_active))
)


async def lowest_prices_of(
    read: Read, channel: Channel, view: View, product_ids: Sequence[UUID], audience: Audience
) -> dict[UUID, tuple[int, int | None]]:
    """The lowest price of each product for a buyer, and its price before a reduction."""
    records = await read.all(
        _OF_PRODUCTS,
        currency=view.currency,
        price_list=channel.price_list,
        channel=view.channel,
        product_ids=list(product_ids),
        **_of_audience(read, audience),
    )
    found: dict[UUID, tuple[int, int | None]] = {}
    for product_id, amount, before in records:
        if product_id not in found or amount < found[product_id][0]:
            found[product_id] = (amount, before)
    return found


async def offers_of(
    read: Read,
    channel: Channel,
    view: View,
    variant_ids: Sequence[UUID],
    audience: Audience = EVERYBODY,
) -> list[Offer]:
    """Offers of different variants, in any order; what the view does not offer is left out.

    One statement.
    """
    records = await read.all(
        _OFFERS,
        currency=view.currency,
        price_list=channel.price_list,
        warehouses=[*channel.warehouses, DIGITAL],
        channel=view.channel,
        locale=view.locale,
        variant_ids=list(variant_ids),
        **_of_audience(read, audience),
    )
    return [Offer(*record) for record in records]


def _of_audience(read: Read, audience: Audience) -> dict[str, Any]:
    return {
        "organization_id": audience.organization_id,
        "groups": ["", audience.customer_group],
        "now": read.now,
    }


async def synthetic_offers_of(
    read: Read, channel: Channel, view: View, variant_ids: Sequence[UUID]
) -> list[Offer]:
    """Returns offers of synthetic products: of these variants in order, or of all."""
    asked = {
        "currency": view.currency,
        "price_list": channel.price_list,
        "warehouses": [*channel.warehouses, DIGITAL],
        "channel": view.channel,
        **_of_audience(read, EVERYBODY),
    }
    if variant_ids:
        records = await read.all(_SYNTHETIC, **asked, variant_ids=list(variant_ids))
    else:
        records = await read.all(_ALL_SYNTHETIC, **asked)
    found = {
        record[0]: replace(
            Offer(*record), title=localized(record[_TITLE], view.locale, channel.locales[0])
        )
        for record in records
    }
    return [
        found[variant_id]
        for variant_id in dict.fromkeys(variant_ids or found)
        if variant_id in found
    ]


async def synthetic_variants(read: Read) -> list[UUID]:
    """Variants of synthetic products."""
    return await read.all(_SYNTHETIC_VARIANTS)
