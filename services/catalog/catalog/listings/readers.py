"""Readers of prices, and replies without prices for those who may not see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

from catalog.channels.model import Channel
from catalog.errors import PricesHidden
from catalog.listings.facets import PRICE
from catalog.prices.resolution import EVERYBODY, Audience
from sojourn.catalog.v1 import catalog_pb2 as pb

_BY_PRICE: Final = frozenset({pb.PRODUCT_SORT_PRICE_ASCENDING, pb.PRODUCT_SORT_PRICE_DESCENDING})


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of the catalogue: the buyer whose prices count, and whether it is a guest."""

    audience: Audience = EVERYBODY
    is_guest: bool = True

    def sees_prices(self, channel: Channel) -> bool:
        return not (self.is_guest and channel.hides_prices)


class _Narrowed(Protocol):
    """A request for products in an order, narrowed by facets."""

    @property
    def sort(self) -> int: ...
    @property
    def filters(self) -> Iterable[pb.FacetFilter]: ...


def require_no_price_asked(request: _Narrowed) -> None:
    """Raises PricesHidden for an order or a filter by price, which would tell prices."""
    if request.sort in _BY_PRICE:
        raise PricesHidden("log in to order by price", by="sort")
    if any(each.name == PRICE for each in request.filters):
        raise PricesHidden("log in to filter by price", by="filter")


def hide_prices_of_page(page: pb.Product) -> None:
    """Takes the prices out of a product's page and out of its related products."""
    for variant in page.variants:
        variant.ClearField("price")
        variant.ClearField("compare_at")
        variant.ClearField("lowest_recent_price")
        variant.ClearField("tiers")
    for related in page.related:
        hide_prices_of_cards(related.products)


def hide_prices_of_cards(cards: Sequence[pb.ProductCard]) -> None:
    """Takes the prices out of cards."""
    for card in cards:
        card.ClearField("price_from")
        card.ClearField("compare_at")


def hide_price_facet(found: RepeatedCompositeFieldContainer[pb.Facet]) -> None:
    """Takes the counts of prices out of facets."""
    for number in reversed(range(len(found))):
        if found[number].name == PRICE:
            del found[number]
