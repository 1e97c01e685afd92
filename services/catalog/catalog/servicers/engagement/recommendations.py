"""The edge of recommendations."""

from catalog.channels.wire import GUEST_POLICIES
from catalog.directory import Directory
from catalog.listings.browse import Browser
from catalog.related.recommend import (
    USUAL_RECOMMENDED,
    products_of_slugs,
    recommend_products,
)
from catalog.servicers.readers import price_cards_for, reader_of
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read
from sojourn.catalog.v1 import recommendations_pb2 as pb
from sojourn.catalog.v1 import recommendations_pb2_grpc as pb_grpc


class RecommendationServicer(Servicer, pb_grpc.RecommendationServiceServicer):
    """Recommendations."""

    def __init__(
        self, database: Database, verifier: TokenVerifier, directory: Directory, browser: Browser
    ) -> None:
        super().__init__(database, verifier)
        self._directory, self._browser = directory, browser

    @read(public=True)
    async def ListRecommendations(
        self, request: pb.ListRecommendationsRequest, call: Call
    ) -> pb.ListRecommendationsResponse:
        asked, most = request.view, request.most or USUAL_RECOMMENDED
        async with call.read() as read:
            channels = (await self._directory.context(read)).channels
            view = channels.view(
                asked.channel, asked.locale, asked.currency, asked.accepted_locales
            )
            looked_at = await products_of_slugs(read, view, [request.product, *request.seen])
            found = await recommend_products(read, view, looked_at, most=most)
            cards = (await self._browser.cards_of(read, view, found))[:most]
            channel = channels.by_code[view.channel]
            await price_cards_for(read, channel, view, reader_of(call), cards)
        return pb.ListRecommendationsResponse(
            products=cards,
            locale=view.locale,
            personal=bool(request.seen),
            guest_policy=GUEST_POLICIES.encode(channel.guest_policy),
        )
