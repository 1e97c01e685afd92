"""Callers as readers of prices."""

from collections.abc import Sequence

from catalog.channels.model import Channel, View
from catalog.channels.wire import GUEST_POLICIES
from catalog.listings.personal import Reader, hide_prices_of_cards, price_cards
from catalog.prices.resolution import EVERYBODY, Audience
from chassis.data.tx import Read
from chassis.rpc.server import Call
from sojourn.catalog.v1 import catalog_pb2 as pb


def own_audience(call: Call) -> Audience:
    """Returns the buyer whom a call's own token names."""
    caller = call.caller
    if caller.organization_id is None and not caller.customer_group:
        return EVERYBODY
    return Audience(caller.organization_id, caller.customer_group)


def reader_of(call: Call) -> Reader:
    """Returns the reader whom a call's own token names; without a token it is a guest.

    A synthetic shopper probes the shop and is none.
    """
    caller = call.caller
    is_guest = caller.kind in ("anonymous", "guest") and not caller.is_synthetic
    return Reader(own_audience(call), is_guest)


async def price_cards_for(
    read: Read, channel: Channel, view: View, reader: Reader, cards: Sequence[pb.ProductCard]
) -> None:
    """Gives cards the prices of their reader: their own, everybody's, or none."""
    if not reader.sees_prices(channel):
        hide_prices_of_cards(cards)
    elif reader.audience is not EVERYBODY:
        await price_cards(read, channel, view, reader.audience, cards)


async def price_content(
    read: Read, channel: Channel, view: View, reader: Reader, page: pb.ContentPage
) -> None:
    """Gives the products of a content page the prices of their reader."""
    in_sections = [card for each in page.sections for card in each.products]
    await price_cards_for(read, channel, view, reader, [*page.products, *in_sections])
    page.guest_policy = GUEST_POLICIES.encode(channel.guest_policy)
