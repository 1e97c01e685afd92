"""The edge of suggestions while a shopper types."""

from catalog.channels.wire import GUEST_POLICIES
from catalog.directory import Directory
from catalog.listings.browse import Browser
from catalog.seo.directory import SeoDirectory, localize_crumbs
from catalog.servicers.readers import price_cards_for, reader_of
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read
from sojourn.catalog.v1 import search_pb2 as pb
from sojourn.catalog.v1 import search_pb2_grpc as pb_grpc


class SearchServicer(Servicer, pb_grpc.SearchServiceServicer):
    """Suggestions."""

    def __init__(
        self,
        database: Database,
        verifier: TokenVerifier,
        directory: Directory,
        browser: Browser,
        seo: SeoDirectory | None = None,
    ) -> None:
        super().__init__(database, verifier)
        self._directory, self._browser = directory, browser
        self._seo = seo or SeoDirectory()

    @read(public=True)
    async def ListSearchSuggestions(
        self, request: pb.ListSearchSuggestionsRequest, call: Call
    ) -> pb.ListSearchSuggestionsResponse:
        asked = request.view
        async with call.read() as read:
            context = await self._directory.context(read)
            channels = context.channels
            view = channels.view(
                asked.channel, asked.locale, asked.currency, asked.accepted_locales
            )
            channel = channels.by_code[view.channel]
            reply = await self._browser.list_suggestions(read, view, request.query)
            await price_cards_for(read, channel, view, reader_of(call), reply.products)
            slugs = self._seo.category_slugs(await self._seo.context(read), context, view)
        for suggested in reply.categories:
            suggested.slug = slugs.get(suggested.slug, suggested.slug)
            localize_crumbs(suggested.breadcrumbs, slugs)
        reply.guest_policy = GUEST_POLICIES.encode(channel.guest_policy)
        return reply
