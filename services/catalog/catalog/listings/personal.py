"""Pages and cards at the prices of their reader: everybody's, the reader's own, or none.

Everybody's are stored with their prices and cost nothing of this. Listings keep everybody's order
and facets.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

from catalog.channels.model import Channel, View
from catalog.errors import PricesHidden
from catalog.listings import offers
from catalog.listings.facets import PRICE
from catalog.prices.resolution import EVERYBODY, Audience
from chassis.data.tx import Read
from chassis.rpc.wire import money
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1.prices_pb2 import QuantityPrice

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


async def price_page(
    read: Read, channel: Channel, view: View, audience: Audience, page: pb.Product
) -> None:
    """Writes a buyer's prices into a product's page."""
    variant_ids = [UUID(variant.id) for variant in page.variants]
    priced = await offers.offers_of(read, channel, view, variant_ids, audience)
    by_id = {str(offer.variant_id): offer for offer in priced}
    for variant in page.variants:
        offer = by_id.get(variant.id)
        if offer is None:
            continue
        if variant.price.amount_minor != offer.amount_minor:
            # The law's lowest price is of what everybody was offered.
            variant.ClearField("lowest_recent_price")
        variant.price.amount_minor = offer.amount_minor
        variant.ClearField("compare_at")
        if offer.compare_at_minor is not None:
            variant.compare_at.CopyFrom(money(offer.compare_at_minor, view.currency))
        del variant.tiers[:]
        variant.tiers.extend(
            QuantityPrice(min_quantity=least, price=money(amount, view.currency))
            for least, amount in offer.tiers or ()
        )


async def price_cards(
    read: Read, channel: Channel, view: View, audience: Audience, cards: Sequence[pb.ProductCard]
) -> None:
    """Writes a buyer's lowest prices into cards."""
    if not cards:
        return
    product_ids = [UUID(card.id) for card in cards]
    lowest = await offers.lowest_prices_of(read, channel, view, product_ids, audience)
    for card in cards:
        if found := lowest.get(UUID(card.id)):
            amount, before = found
            card.price_from.amount_minor = amount
            card.ClearField("compare_at")
            if before is not None:
                card.compare_at.CopyFrom(money(before, view.currency))


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
