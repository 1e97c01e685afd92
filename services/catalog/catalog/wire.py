"""Rows to messages."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from google.protobuf.message import DecodeError

from catalog.categories.model import Category
from catalog.channels.model import View, localized
from catalog.content_pages.model import Page
from catalog.listings.offers import Offer
from catalog.prices.model import UnitPrice
from catalog.products.model import Product, Variant
from catalog.reservations.model import Reservation, ReservationStatus, quantities
from catalog.stock.model import Allocation, StockLevel
from chassis.data.isolation import Loop
from chassis.line_item import Availability
from chassis.money import require_bounded
from chassis.rpc import wire
from chassis.rpc.wire import EnumCodec, money, timestamp
from sojourn.catalog.v1 import catalog_pb2 as pb

_CARDS: Final = Loop("product_cards")
_STATUSES: Final = EnumCodec(pb.ReservationStatus, ReservationStatus)


def page_text(product: Product, locale: str, fallback: str) -> bytes:
    """The part of a product's page that depends on the language."""
    return pb.Product(
        id=str(product.id),
        slug=product.slug,
        title=localized(product.title, locale, fallback),
        description=localized(product.description, locale, fallback),
        brand=product.brand,
        images=[pb.Image(url=image.url, alt=image.alt) for image in product.images],
        options=[pb.Option(name=option.name, values=option.values) for option in product.options],
        attributes=product.attributes,
        seo_title=product.seo_title,
        seo_description=product.seo_description,
    ).SerializeToString()


def card_text(product: Product, locale: str, fallback: str) -> bytes:
    """The part of a product's card that depends on the language."""
    card = pb.ProductCard(
        id=str(product.id),
        slug=product.slug,
        title=localized(product.title, locale, fallback),
        brand=product.brand,
    )
    if product.images:
        card.image.url, card.image.alt = product.images[0]
    return card.SerializeToString()


def variant_to_proto(
    variant: Variant, price: UnitPrice, currency: str, availability: Availability
) -> pb.Variant:
    message = pb.Variant(
        id=str(variant.id),
        sku=variant.sku,
        options=[pb.OptionValue(name=name, value=value) for name, value in variant.options],
        price=money(price.amount_minor, currency),
        availability=wire.AVAILABILITIES.encode(availability),
        weight_grams=variant.weight_grams,
        unit_code=variant.unit_code,
        scale=variant.scale,
        increment=variant.increment,
    )
    if price.compare_at_minor is not None:
        message.compare_at.amount_minor, message.compare_at.currency = (
            price.compare_at_minor,
            currency,
        )
    return message


def page_offer(product: Product, variants: Sequence[pb.Variant]) -> bytes:
    """The part of a product's page that depends on the currency."""
    return pb.Product(
        variants=variants, version=product.version, updated_at=timestamp(product.updated_at)
    ).SerializeToString()


def card_offer(variants: Sequence[pb.Variant], availability: Availability) -> bytes:
    """The part of a product's card that depends on the currency."""
    cheapest = min(variants, key=lambda variant: variant.price.amount_minor)
    card = pb.ProductCard(
        price_from=cheapest.price,
        availability=wire.AVAILABILITIES.encode(availability),
        only_variant_id=variants[0].id if len(variants) == 1 else "",
    )
    if cheapest.HasField("compare_at"):
        card.compare_at.CopyFrom(cheapest.compare_at)
    return card.SerializeToString()


def crumbs(way: Iterable[Category], locale: str, fallback: str) -> list[pb.Crumb]:
    return [
        pb.Crumb(slug=category.slug, name=category.name_in(locale, fallback)) for category in way
    ]


def category_to_proto(
    category: Category, parent: Category | None, name: str, product_count: int
) -> pb.Category:
    return pb.Category(
        id=str(category.id),
        slug=category.slug,
        name=name,
        parent_slug=parent.slug if parent else "",
        product_count=product_count,
    )


def offer_to_proto(offer: Offer, view: View, category_slugs: Sequence[str]) -> pb.Offer:
    """Raises AmountTooLarge: what costs more than an amount may be is not sold."""
    require_bounded(offer.amount_minor, path="price")
    message = pb.Offer(
        variant_id=str(offer.variant_id),
        product_id=str(offer.product_id),
        sku=offer.sku,
        title=offer.title,
        options=[pb.OptionValue(name=name, value=value) for name, value in offer.options],
        product_slug=offer.product_slug,
        price=money(offer.amount_minor, view.currency),
        available=offer.available,
        weight_grams=offer.weight_grams,
        tax_class=offer.tax_class,
        tax_included=offer.tax_included,
        unit_code=offer.unit_code,
        scale=offer.scale,
        increment=offer.increment,
        category_slugs=category_slugs,
    )
    if offer.image:
        message.image.url, message.image.alt = offer.image
    return message


def reservation_to_proto(reservation: Reservation, lines: Iterable[Allocation]) -> pb.Reservation:
    return pb.Reservation(
        id=str(reservation.id),
        status=_STATUSES.encode(reservation.status),
        lines=[
            pb.StockLine(variant_id=str(variant_id), quantity=quantity)
            for variant_id, quantity in quantities(lines).items()
        ],
        expires_at=timestamp(reservation.expires_at),
    )


def level_to_proto(level: StockLevel, sku: str) -> pb.StockLevel:
    return pb.StockLevel(
        variant_id=str(level.variant_id),
        sku=sku,
        warehouse=level.warehouse,
        on_hand=level.on_hand,
        reserved=level.reserved,
    )


def page_to_proto(
    page: Page, view: View, fallback: str, cards: Mapping[UUID, bytes]
) -> pb.ContentPage:
    return pb.ContentPage(
        slug=page.slug,
        title=localized(page.title, view.locale, fallback),
        body=localized(page.body, view.locale, fallback),
        products=cards_to_proto(page.product_ids, cards),
        version=page.version,
        locale=view.locale,
    )


def cards_to_proto(
    product_ids: Iterable[UUID], cards: Mapping[UUID, bytes]
) -> list[pb.ProductCard]:
    """Cards in the order of the ids; a product that the view no longer offers, or whose card cannot
    be read, is left out.
    """
    found: list[pb.ProductCard] = []
    for product_id in product_ids:
        if product_id in cards:
            try:
                found.append(pb.ProductCard.FromString(cards[product_id]))
            except DecodeError as error:
                _CARDS.skip(product_id, error)
    return found
