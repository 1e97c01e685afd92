"""Publishing: rewrites stored parts of pages and cards in the transaction of the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import col, select

from catalog import events
from catalog.bundles.model import Part, bundle_classes, parts_of
from catalog.categories.model import NO_CATEGORY, CategoryTree
from catalog.channels.model import Channel, Channels, localized, share_channels
from catalog.listings import model as listings
from catalog.listings.facets import AVAILABILITY, BRAND, token
from catalog.listings.model import ListingOffer, ListingText
from catalog.listings.store import drop_others, keep_listings, store_offers, store_texts
from catalog.listings.stored_parts import (
    encode_card_offer,
    encode_card_text,
    encode_offered_variant,
    encode_page_offer,
    encode_page_text,
    encode_variant,
)
from catalog.prices.history import (
    HistoryKey,
    histories_of,
    lowest_before_reduction,
    record_prices,
)
from catalog.prices.model import UnitPrice, price_lists, prices_of
from catalog.prices.resolution import EVERYBODY, lists_for, resolve_price
from catalog.products import model as products
from catalog.products.model import OptionValue, Product, Variant
from catalog.seo.model import SeoSetting, product_settings
from catalog.slugs import sort_key_of
from catalog.stock import model as stock
from catalog.stock.availability import PROMISES, best_of
from catalog.stock.policies import policies_of
from catalog.subscriptions.causes import note_causes
from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import one_of
from chassis.data.tx import Tx
from chassis.line_item import Availability
from sojourn.catalog.v1 import catalog_pb2 as pb

_AT_ONCE: Final = 500
_LOOP: Final = Loop("publishing")


@dataclass(frozen=True, slots=True)
class _Contents:
    """Everything that the parts of some products are made from."""

    products: Sequence[Product]
    variants: Mapping[UUID, Sequence[Variant]]
    prices: Mapping[HistoryKey, UnitPrice]
    lowest: Mapping[HistoryKey, int]
    classes: Mapping[tuple[str, UUID], Availability]
    expected: Mapping[UUID, datetime]
    bundles: Mapping[UUID, Sequence[Part]]


async def publish(tx: Tx, channels: Channels, product_ids: Sequence[UUID]) -> list[Product]:
    """Rewrites all parts of locked products; deletes parts of unpublished or unpriced ones.

    A product whose rows make no page is left out, as one that is not published, and listed as a
    skipped row.
    """
    published: list[Product] = []
    channels = await share_channels(tx, channels)
    for start in range(0, len(product_ids), _AT_ONCE):
        batch = product_ids[start : start + _AT_ONCE]
        contents = await _contents(tx, channels, batch)
        offers = _offer_parts(channels, contents)
        offered = {_listing_of(offer) for offer in offers}
        settings = await product_settings(tx, batch)
        texts = [
            text
            for text in _text_parts(channels, contents, settings)
            if _listing_of(text) in offered
        ]
        offered &= {_listing_of(text) for text in texts}
        offers = [offer for offer in offers if _listing_of(offer) in offered]
        await drop_others(tx, batch, texts, offers)
        await store_texts(tx, texts)
        await store_offers(tx, offers)
        await keep_listings(tx, batch, offered)
        published.extend(contents.products)
    return published


async def publish_changed(
    tx: Tx, channels: Channels, tree: CategoryTree, product_ids: Sequence[UUID]
) -> None:
    """Locks products whose rows changed, gives them a new version, publishes and announces them."""
    await products.lock_products(tx, product_ids)
    await products.raise_versions(tx, product_ids)
    await announce(tx, tree, await publish(tx, channels, product_ids))


async def reclassify(
    tx: Tx, channels: Channels, tree: CategoryTree, variant_ids: Sequence[UUID]
) -> None:
    """Publishes changed availability classes of variants.

    Writes new offer parts and a new version, and emits one ProductChanged per product.

    Call it with the stock levels locked. Products are locked here, after them and in the order of
    their ids.
    """
    product_ids = await products.products_of_variants(tx, variant_ids)
    await products.lock_products(tx, product_ids)
    channels = await share_channels(tx, channels)
    await products.raise_versions(tx, product_ids)
    contents = await _contents(tx, channels, product_ids)
    await store_offers(tx, _offer_parts(channels, contents))
    await announce(tx, tree, contents.products)


async def announce(tx: Tx, tree: CategoryTree, changed: Sequence[Product]) -> None:
    """Emits ProductChanged for products whose rows this transaction wrote.

    Alerts about them are looked at after the commit.
    """
    for product in changed:
        event = events.product_changed(product, tree.way_to(product.category_id))
        await tx.emit(event, key=product.id)
    await note_causes(tx, [product.id for product in changed])


async def _contents(tx: Tx, channels: Channels, product_ids: Sequence[UUID]) -> _Contents:
    asked = select(Product).where(one_of(Product.id, product_ids)).order_by(col(Product.id))
    found = await find_readable(tx, Product, asked, loop=_LOOP)
    variants = await products.active_variants_of(tx, product_ids)
    counts = await stock.available_counts(
        tx, [variant.id for each in variants.values() for variant in each]
    )
    bundles = await parts_of(
        tx, [variant.id for each in variants.values() for variant in each if variant.is_bundle]
    )
    policies = await policies_of(tx, sorted({variant_id for variant_id, _, _ in counts}))
    promises = {id: policy.promise for id, policy in policies.items() if policy.promise}
    expected = {id: policy.expected_at for id, policy in policies.items() if policy.expected_at}
    shown = {product.id for product in found if product.is_published}
    listed = await _listed_prices(tx, channels, sorted(shown))
    return _Contents(
        found,
        variants,
        listed,
        await _lowest_prices(tx, listed),
        {
            **stock.classes_of(channels, counts, promises),
            **await _classes_of_bundles(tx, channels, bundles),
        },
        expected,
        bundles,
    )


async def _classes_of_bundles(
    tx: Tx, channels: Channels, bundles: Mapping[UUID, Sequence[Part]]
) -> dict[tuple[str, UUID], Availability]:
    """Returns the classes of bundles, from the stock of their parts."""
    if not bundles:
        return {}
    part_ids = sorted({part.part_id for parts in bundles.values() for part in parts})
    return bundle_classes(channels, bundles, await stock.available_counts(tx, part_ids))


async def _listed_prices(
    tx: Tx, channels: Channels, product_ids: Sequence[UUID]
) -> dict[HistoryKey, UnitPrice]:
    """Prices for everybody now, which the history notes, by (variant, channel, currency)."""
    prices = await prices_of(tx, product_ids)
    lists = (await price_lists(tx)).values()
    variant_ids = sorted({variant_id for variant_id, _, _ in prices})
    listed: dict[HistoryKey, UnitPrice] = {}
    # Not when the transaction began: it may have waited for the products' lock while a list began.
    now = tx.clock.now()
    for channel in channels.all:
        counted = lists_for(channel, lists, EVERYBODY, now)
        for currency in channel.currencies:
            for variant_id in variant_ids:
                if found := resolve_price(variant_id, currency, counted, prices):
                    listed[variant_id, channel.code, currency] = found[1]
    await record_prices(tx, {key: price.amount_minor for key, price in listed.items()})
    return listed


async def _lowest_prices(tx: Tx, listed: Mapping[HistoryKey, UnitPrice]) -> dict[HistoryKey, int]:
    """The lowest recent prices of what is announced as reduced."""
    reduced = {key for key, price in listed.items() if price.compare_at_minor is not None}
    if not reduced:
        return {}
    histories = await histories_of(tx, sorted({variant_id for variant_id, _, _ in reduced}))
    found = {key: lowest_before_reduction(histories.get(key, ())) for key in reduced}
    return {key: amount for key, amount in found.items() if amount is not None}


def _listing_of(part: ListingText | ListingOffer) -> tuple[UUID, str]:
    return part.product_id, part.channel


def _text_parts(
    channels: Channels, contents: _Contents, settings: Mapping[UUID, SeoSetting]
) -> list[ListingText]:
    parts: list[ListingText] = []
    for product in contents.products:
        try:
            parts.extend(
                _texts_of(channels, product, settings.get(product.id))
                if product.is_published
                else ()
            )
        except Exception as error:
            _LOOP.skip(product.id, error)
    return parts


def _texts_of(
    channels: Channels, product: Product, setting: SeoSetting | None
) -> list[ListingText]:
    texts: list[ListingText] = []
    by_locale: dict[tuple[str, str], ListingText] = {}
    for channel in channels.all:
        for locale in channel.locales:
            asked = (locale, channel.locales[0])
            same = by_locale.get(asked)
            if same is None:
                text = by_locale[asked] = _text_part(product, channel, asked, setting)
            else:
                text = same.copy_row(channel=channel.code)
            texts.append(text)
    return texts


def _text_part(
    product: Product, channel: Channel, asked: tuple[str, str], setting: SeoSetting | None
) -> ListingText:
    title = localized(product.title, *asked)
    slug = (setting.text_in(asked[0]).slug if setting else "") or product.slug
    return ListingText(
        product_id=product.id,
        channel=channel.code,
        locale=asked[0],
        category_id=product.category_id or NO_CATEGORY,
        slug=slug,
        title=title,
        title_key=sort_key_of(title),
        page_part=encode_page_text(product, asked, slug, setting),
        card_part=encode_card_text(product, asked, slug),
    )


def _offer_parts(channels: Channels, contents: _Contents) -> list[ListingOffer]:
    parts: list[ListingOffer] = []
    for product in contents.products:
        try:
            parts.extend(_offers_of(channels, contents, product) if product.is_published else ())
        except Exception as error:
            _LOOP.skip(product.id, error)
    return parts


def _offers_of(channels: Channels, contents: _Contents, product: Product) -> list[ListingOffer]:
    facets = [token(name, value) for name, value in product.attributes.items() if value]
    facets += [token(BRAND, product.brand)] if product.brand else []
    variants = [
        (variant.id, variant.options, encode_variant(variant, contents.bundles.get(variant.id, ())))
        for variant in contents.variants.get(product.id, ())
    ]
    found = (
        _offer_part(product, channel, currency, contents, (variants, facets))
        for channel in channels.all
        for currency in channel.currencies
    )
    return [offer for offer in found if offer is not None]


# A variant's id, its options, and its message without prices.
_Encoded = tuple[UUID, list[OptionValue], pb.Variant]


def _offer_part(
    product: Product,
    channel: Channel,
    currency: str,
    contents: _Contents,
    encoded: tuple[Sequence[_Encoded], Sequence[str]],
) -> ListingOffer | None:
    """The offer in one currency; `encoded` are the product's variants and facets."""
    variants: list[pb.Variant] = []
    options: set[tuple[str, str]] = set()
    classes: set[Availability] = set()
    code, is_sellable = channel.code, product.is_sellable
    for variant_id, variant_options, message in encoded[0]:
        key = (variant_id, code, currency)
        price = contents.prices.get(key)
        if price is None:
            continue
        availability = Availability.OUT_OF_STOCK
        if is_sellable:
            availability = contents.classes.get((code, variant_id), availability)
        expected_at = contents.expected.get(variant_id) if availability in PROMISES else None
        variants.append(
            encode_offered_variant(
                message,
                price,
                currency,
                availability,
                expected_at=expected_at,
                lowest_minor=contents.lowest.get(key),
            )
        )
        options.update((name, value) for name, value in variant_options)
        classes.add(availability)
    if not variants:
        return None
    best = best_of(classes)
    return ListingOffer(
        product_id=product.id,
        channel=code,
        currency=currency,
        category_id=product.category_id or NO_CATEGORY,
        price_minor=min(variant.price.amount_minor for variant in variants),
        availability=best,
        facets=[
            token(AVAILABILITY, best),
            *(token(name, value) for name, value in sorted(options)),
            *encoded[1],
        ],
        page_part=encode_page_offer(product, variants),
        card_part=encode_card_offer(variants, best),
        layout=listings.LAYOUT,
    )
