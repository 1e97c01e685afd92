"""Products in the form in which they are indexed, one for each channel that offers them."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from catalog.categories.model import CategoryTree
from catalog.channels.model import Channel, localized
from catalog.listings.facets import AVAILABILITY, BRAND, split, token
from catalog.listings.model import ListingOffer
from catalog.products.model import Product, Variant
from catalog.reservations.actions import CatalogContext
from catalog.search.documents import Findable
from catalog.stock.availability import best_of
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from chassis.line_item import Availability

_AVAILABILITY: Final = token(AVAILABILITY, "")
_TEXTS = prepare(
    select(
        col(Product.id),
        col(Product.title),
        col(Product.description),
        col(Product.brand),
        col(Product.tags),
        col(Product.category_id),
    ).where(one_of(Product.id, "product_ids"), col(Product.is_published))
)
_SKUS = prepare(
    select(col(Variant.product_id), func.array_agg(Variant.sku), func.array_agg(Variant.barcode))
    .where(one_of(Variant.product_id, "product_ids"), col(Variant.is_active))
    .group_by(col(Variant.product_id))
)
_OFFERS = prepare(
    select(
        col(ListingOffer.product_id), col(ListingOffer.channel), col(ListingOffer.currency),
        col(ListingOffer.price_minor),
        col(ListingOffer.availability), col(ListingOffer.facets),
    ).where(one_of(ListingOffer.product_id, "product_ids"))
)  # fmt: skip


class ProductTexts(NamedTuple):
    """Texts of a product, by locale where they are translated."""

    title: dict[str, str]
    description: dict[str, str]
    brand: str
    tags: list[str]
    category_id: UUID | None


class Offered(NamedTuple):
    """A product's offer in one currency; `facets` are tokens of names and values."""

    currency: str
    price_minor: int
    availability: Availability
    facets: list[str]


def make_findable(
    product_id: UUID,
    channel: Channel,
    tree: CategoryTree,
    texts: ProductTexts,
    offers: Iterable[Offered],
    codes: Sequence[str],
) -> Findable:
    """Returns a product as it is found in a channel. `codes` are its SKUs and barcodes."""
    way, fallback = tree.way_to(texts.category_id), channel.locales[0]
    offers = list(offers)
    facets = [
        *dict.fromkeys(
            facet
            for offer in offers
            for facet in offer.facets
            if not facet.startswith(_AVAILABILITY)
        )
    ]
    values = " ".join(value for name, value in map(split, facets) if name != BRAND)
    availability = best_of(offer.availability for offer in offers)
    tags = " ".join(texts.tags)
    return Findable(
        product_id=product_id,
        channel=channel.code,
        category_slug=way[-1].slug if way else "",
        availability=availability,
        facets=[token(AVAILABILITY, availability), *facets],
        prices={offer.currency: offer.price_minor for offer in offers},
        titles={each: localized(texts.title, each, fallback) for each in channel.locales},
        bodies={each: localized(texts.description, each, fallback) for each in channel.locales},
        categories={
            each: " ".join(category.name_in(each, fallback) for category in way)
            for each in channel.locales
        },
        attributes=dict.fromkeys(channel.locales, f"{values} {tags}"),
        brand=texts.brand,
        codes=codes,
    )


async def load_findables(
    read: Read, context: CatalogContext, product_ids: Sequence[UUID]
) -> list[Findable]:
    """Returns the searchable forms of products, one per channel that offers them."""
    asked = list(product_ids)
    texts = {
        record[0]: ProductTexts(*record[1:]) for record in await read.all(_TEXTS, product_ids=asked)
    }
    codes: dict[UUID, list[str]] = {
        product_id: [*skus, *filter(None, barcodes)]
        for product_id, skus, barcodes in await read.all(_SKUS, product_ids=asked)
    }
    offers: dict[tuple[UUID, str], list[Offered]] = {}
    for product_id, channel, *offer in await read.all(_OFFERS, product_ids=asked):
        offers.setdefault((product_id, channel), []).append(Offered(*offer))
    return [
        make_findable(
            product_id,
            context.channels.by_code[channel],
            context.tree,
            texts[product_id],
            offered,
            codes.get(product_id, []),
        )
        for (product_id, channel), offered in offers.items()
        if product_id in texts and channel in context.channels.by_code
    ]
