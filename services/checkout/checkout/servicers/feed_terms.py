"""The edge of what product feeds tell of delivery and tax."""

import asyncio

from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read
from chassis.rpc.wire import money
from checkout.feed_terms.quote import Delivery, Item, Tax, deliveries_of, taxes_of
from checkout.wiring import Components
from sojourn.checkout.v1 import feed_terms_pb2 as pb
from sojourn.checkout.v1 import feed_terms_pb2_grpc as pb_grpc


class FeedTermServicer(Servicer, pb_grpc.FeedTermServiceServicer):
    """Terms of items of feeds, for everybody."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components = components

    @read(public=True)
    async def QuoteFeedItems(
        self, request: pb.QuoteFeedItemsRequest, call: Call
    ) -> pb.QuoteFeedItemsResponse:
        channel = request.channel or self._components.settings.default_channel
        settings = self._components.settings.channel(channel)
        tables = await self._components.tables()
        day = self.database.clock.now().date()
        known: dict[Item, pb.FeedItemTerms] = {}
        terms = []
        for given in request.items:
            item = Item(
                given.price.amount_minor,
                given.price.currency,
                given.weight_grams,
                given.tax_class,
                given.volume_cm3,
            )
            if item not in known:
                # Checkouts that wait have their turn between items.
                await asyncio.sleep(0)
                deliveries = deliveries_of(
                    item,
                    channel=channel,
                    settings=settings,
                    table=tables.delivery,
                    locale=request.locale,
                )
                taxes = taxes_of(
                    item.tax_class,
                    countries=() if request.prices_include_tax else settings.countries,
                    origin=settings.origin_country,
                    table=tables.taxes,
                    settings=tables.taxes.settings_of(channel),
                    day=day,
                )
                known[item] = _encode(item, deliveries, taxes)
            terms.append(known[item])
        return pb.QuoteFeedItemsResponse(terms=terms)


def _encode(item: Item, deliveries: list[Delivery], taxes: list[Tax]) -> pb.FeedItemTerms:
    return pb.FeedItemTerms(
        deliveries=[
            pb.FeedDelivery(
                country=each.country,
                service=each.service,
                price=money(each.price_minor, item.currency),
                least_days=each.least_days,
                most_days=each.most_days,
            )
            for each in deliveries
        ],
        taxes=[
            pb.FeedTax(
                country=each.country,
                region=each.region,
                rate_percent=each.rate_percent,
                on_delivery=each.is_on_delivery,
            )
            for each in taxes
        ],
    )
