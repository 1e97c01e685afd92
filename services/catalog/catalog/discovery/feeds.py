"""Items of a product feed, read a part at a time.

They have what the Google Merchant Center's product data specification asks for:
https://support.google.com/merchants/answer/7052112
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from google.protobuf.message import DecodeError
from sqlmodel import col, select

from catalog.categories.model import CategoryTree
from catalog.channels.model import View
from catalog.products.model import STANDARD_TAX_CLASS, Variant
from catalog.seo.heads import shortened
from catalog.seo.links import Links
from catalog.seo.model import SeoKind
from chassis.data.isolation import Loop
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1.discovery_pb2 import FeedItem

# Of one part: products that are read, and items, of which each has its own description.
PART_SIZE: Final = 50
MOST_ITEMS: Final = 200
MOST_ID: Final = 50
MOST_TITLE: Final = 150
MOST_DESCRIPTION: Final = 5_000
# One picture and ten more.
MOST_IMAGES: Final = 11
_LOOP: Final = Loop("product_feed")
_GTIN: Final = re.compile(r"\d{8}|\d{12,14}")
_PRODUCTS: Final = (
    "SELECT t.product_id, t.category_id, t.page_part || o.page_part"
    " FROM listing_text t JOIN listing_offer o ON o.product_id = t.product_id"
    " AND o.channel = t.channel AND o.currency = %(currency)s"
    " WHERE t.channel = %(channel)s AND t.locale = %(locale)s AND t.product_id >= %(first)s"
    " ORDER BY t.product_id LIMIT %(size)s"
)
_DETAILS: Final = prepare(
    select(Variant.id, Variant.barcode, Variant.tax_class).where(
        one_of(Variant.product_id, "product_ids"), col(Variant.is_active)
    )
)


class Detail(NamedTuple):
    """Facts of a variant that a feed has and its page does not show."""

    barcode: str
    tax_class: str


_NO_DETAIL: Final = Detail("", STANDARD_TAX_CLASS)


@dataclass(frozen=True, slots=True)
class FeedPart:
    """Items of some products; the feed goes on at a product's variant, or ends with None."""

    items: list[FeedItem]
    next_position: tuple[UUID, int] | None


async def read_feed(
    read: Read, view: View, links: Links, tree: CategoryTree, *, first: UUID, offset: int
) -> FeedPart:
    """Returns the items of products from `first` on, from the variant `offset` of it on.

    A product without a picture is left out: the specification needs one.
    """
    rows = await read.fetch(
        _PRODUCTS,
        {
            "channel": view.channel,
            "locale": view.locale,
            "currency": view.currency,
            "first": first,
            "size": PART_SIZE + 1,
        },
    )
    shown = rows[:PART_SIZE]
    ids = [product_id for product_id, _, _ in shown]
    details = {
        variant_id: Detail(barcode, tax_class)
        for variant_id, barcode, tax_class in await read.all(_DETAILS, product_ids=ids)
    }
    items: list[FeedItem] = []
    for product_id, category_id, stored in shown:
        try:
            page = pb.Product.FromString(stored)
        except DecodeError as error:
            _LOOP.skip(product_id, error)
            continue
        names = [each.name_in(view.locale, "") for each in tree.way_to(category_id)]
        start = offset if product_id == first else 0
        end = start + MOST_ITEMS - len(items)
        found = list(feed_items(page, view, links, names, details))
        items.extend(found[start:end])
        if end < len(found):
            return FeedPart(items, (product_id, end))
    return FeedPart(items, (rows[PART_SIZE][0], 0) if len(rows) > PART_SIZE else None)


def feed_items(
    page: pb.Product,
    view: View,
    links: Links,
    category_names: Sequence[str],
    details: Mapping[UUID, Detail],
) -> Iterator[FeedItem]:
    """Yields an item a variant of a product's page; none where it has no picture."""
    images = [links.absolute(image.url) for image in page.images[:MOST_IMAGES]]
    if not images:
        return
    url = links.page(SeoKind.PRODUCT, page.slug, view.locale)
    is_group = len(page.variants) > 1
    description = shortened(page.description, most=MOST_DESCRIPTION)
    for variant in page.variants:
        detail = details.get(UUID(variant.id), _NO_DETAIL)
        values = " ".join(option.value for option in variant.options)
        title = f"{page.title} {values}".strip() if is_group else page.title
        item = FeedItem(
            id=variant.sku if len(variant.sku) <= MOST_ID else variant.id,
            item_group_id=page.id if is_group else "",
            title=shortened(title, most=MOST_TITLE),
            description=description or shortened(title, most=MOST_DESCRIPTION),
            page_url=url,
            image_urls=images,
            availability=variant.availability,
            price=variant.price,
            gtin=gtin_of(detail.barcode),
            brand=page.brand[:70],
            category_names=category_names,
            options=variant.options,
            weight_grams=variant.weight_grams,
            volume_cm3=variant.volume_cm3,
            tax_class=detail.tax_class,
        )
        if variant.HasField("compare_at"):
            item.compare_at.CopyFrom(variant.compare_at)
        if variant.HasField("expected_at"):
            item.expected_at.CopyFrom(variant.expected_at)
        yield item


def gtin_of(barcode: str) -> str:
    """Returns a barcode that is a GTIN with a right check digit (GS1), else an empty text."""
    digits = barcode.replace("-", "").replace(" ", "")
    if not _GTIN.fullmatch(digits):
        return ""
    weighted = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits[-2::-1])
    )
    return digits if (10 - weighted % 10) % 10 == int(digits[-1]) else ""
