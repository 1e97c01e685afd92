"""Products in the form in which they are indexed, one for each channel that offers them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Wording:
    """Translations of the names and values of options and attributes, by token and locale."""

    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def values_in(self, locale: str, facets: Iterable[str]) -> str:
        """The values of facets in a locale, and as they are stored: shoppers type both."""
        words: dict[str, None] = {}
        for facet in facets:
            words[split(facet)[1]] = None
            if translated := self.values.get(facet, {}).get(locale):
                words[translated] = None
        return " ".join(words)


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
    named = [facet for facet in facets if split(facet)[0] != BRAND]
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
        attributes={each: f"{Wording().values_in(each, named)} {tags}" for each in channel.locales},
        brand=texts.brand,
        codes=codes,
    )
