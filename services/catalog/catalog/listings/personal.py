"""Pages and cards at the prices of a buyer who has price lists of their own.

Everybody's are stored with their prices and cost nothing of this. Listings keep everybody's order
and facets.
"""

from collections.abc import Sequence
from uuid import UUID

from catalog.channels.model import Channel, View
from catalog.listings import offers
from catalog.prices.resolution import Audience
from chassis.data.tx import Read
from chassis.rpc.wire import money
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1.prices_pb2 import QuantityPrice


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
