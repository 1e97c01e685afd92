"""Parts of product pages and cards as the database stores them: serialized messages."""

from collections.abc import Sequence
from datetime import datetime

from catalog.bundles.model import Part
from catalog.channels.model import localized
from catalog.prices.model import UnitPrice
from catalog.product_content.pictures import encode_image
from catalog.products.model import Product, Variant
from catalog.seo.model import SeoSetting
from chassis.line_item import Availability
from chassis.rpc import wire
from chassis.rpc.wire import money, timestamp
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1.page_head_pb2 import AlternatePage, OpenGraph, PageHead


def encode_page_text(
    product: Product, asked: tuple[str, str], slug: str, setting: SeoSetting | None
) -> bytes:
    """The part of a product's page that depends on the language: a locale and its fallback."""
    return pb.Product(
        id=str(product.id),
        slug=slug,
        title=localized(product.title, *asked),
        description=localized(product.description, *asked),
        brand=product.brand,
        images=[
            encode_image(image, product.image_details.get(image.url), *asked)
            for image in product.images
        ],
        description_html=localized(product.rich_description, *asked)
        if product.rich_description
        else "",
        options=[pb.Option(name=option.name, values=option.values) for option in product.options],
        attributes=product.attributes,
        seo_title=product.seo_title,
        seo_description=product.seo_description,
        head=_stored_head(product, asked[0], setting),
    ).SerializeToString()


def _stored_head(product: Product, locale: str, setting: SeoSetting | None) -> PageHead | None:
    """Returns the stored part of a head: texts, and slugs by language in place of addresses.

    Nothing is where staff wrote nothing.
    """
    if setting is None:
        return None
    text = setting.text_in(locale)
    head = PageHead(
        title=text.title,
        description=text.description,
        indexed=not setting.is_hidden,
        alternates=[AlternatePage(locale=each, url=slug) for each, slug in setting.slugs.items()],
        open_graph=OpenGraph(
            title=text.og_title, description=text.og_description, image=text.og_image
        ),
    )
    head.alternates.add(locale="", url=product.slug)
    return head


def encode_card_text(product: Product, asked: tuple[str, str], slug: str) -> bytes:
    """The part of a product's card that depends on the language: a locale and its fallback."""
    card = pb.ProductCard(
        id=str(product.id),
        slug=slug,
        title=localized(product.title, *asked),
        brand=product.brand,
    )
    if product.images:
        first = product.images[0]
        detail = product.image_details.get(first.url)
        card.image.CopyFrom(encode_image(first, detail, *asked))
    return card.SerializeToString()


def encode_variant(variant: Variant, parts: Sequence[Part]) -> pb.Variant:
    """A variant without what depends on a channel or a currency: made once for all of them."""
    return pb.Variant(
        id=str(variant.id),
        sku=variant.sku,
        options=[pb.OptionValue(name=name, value=value) for name, value in variant.options],
        weight_grams=variant.weight_grams,
        volume_cm3=variant.volume_cm3,
        unit_code=variant.unit_code,
        scale=variant.scale,
        increment=variant.increment,
        image_urls=variant.image_urls,
        kind=wire.ITEM_KINDS.encode(variant.kind),
        parts=[
            pb.BundledItem(
                sku=part.sku,
                product_slug=part.product_slug,
                quantity=part.quantity,
                kind=wire.ITEM_KINDS.encode(part.kind),
            )
            for part in parts
        ],
    )


def encode_offered_variant(
    encoded: pb.Variant,
    price: UnitPrice,
    currency: str,
    availability: Availability,
    *,
    expected_at: datetime | None = None,
    lowest_minor: int | None = None,
) -> pb.Variant:
    """A copy of an encoded variant with its price and availability in a channel."""
    message = pb.Variant()
    message.CopyFrom(encoded)
    message.price.amount_minor, message.price.currency = price.amount_minor, currency
    message.availability = wire.AVAILABILITIES.encode(availability)
    if expected_at is not None:
        message.expected_at.FromDatetime(expected_at)
    for least, amount in price.tiers:
        message.tiers.add(min_quantity=least, price=money(amount, currency))
    if price.compare_at_minor is not None:
        compare_at = message.compare_at
        compare_at.amount_minor, compare_at.currency = price.compare_at_minor, currency
    if lowest_minor is not None:
        message.lowest_recent_price.CopyFrom(money(lowest_minor, currency))
    return message


def encode_page_offer(product: Product, variants: Sequence[pb.Variant]) -> bytes:
    """The part of a product's page that depends on the currency."""
    return pb.Product(
        variants=variants,
        version=product.version,
        updated_at=timestamp(product.updated_at),
        unavailable=not product.is_sellable,
    ).SerializeToString()


def encode_card_offer(variants: Sequence[pb.Variant], availability: Availability) -> bytes:
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
