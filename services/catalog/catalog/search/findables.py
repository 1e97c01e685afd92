"""Products in the form in which they are indexed, one for each channel that offers them."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from catalog.categories.model import CategoryTree
from catalog.channels.model import Channel, localized
from catalog.listings.facets import AVAILABILITY, BRAND, split, token
from catalog.search.index import Findable
from catalog.stock.availability import best_of
from chassis.line_item import Availability

_AVAILABILITY: Final = token(AVAILABILITY, "")


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
