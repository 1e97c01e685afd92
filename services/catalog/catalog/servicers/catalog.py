"""The edge of shoppers' reads."""

from catalog.channels.model import Channel, View
from catalog.channels.wire import GUEST_POLICIES
from catalog.content_pages.model import Page, page_of_slug
from catalog.directory import Directory
from catalog.errors import CategoryNotFound, PageNotFound, ProductNotFound, SlugMoved
from catalog.listings.browse import Browser
from catalog.listings.personal import (
    hide_price_facet,
    hide_prices_of_page,
    price_page,
    require_no_price_asked,
)
from catalog.prices.resolution import EVERYBODY, Audience
from catalog.reservations.actions import CatalogContext
from catalog.seo.directory import (
    SeoContext,
    SeoDirectory,
    localize_categories,
    localize_crumbs,
)
from catalog.seo.model import SeoKind
from catalog.seo.slug_names import owner_of_name, product_slug_now
from catalog.servicers.content.shown_pages import Showing, show_page
from catalog.servicers.readers import own_audience, price_cards_for, price_content, reader_of
from catalog.slugs import is_slug
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id, parse_optional_id
from chassis.rpc.server import Call, Servicer, read
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import catalog_pb2_grpc as pb_grpc

SYNTHETIC_OFFERS_SCOPE = "offers.synthetic"
PERSONAL_OFFERS_SCOPE = "offers.personal"


class CatalogServicer(Servicer, pb_grpc.CatalogServiceServicer):
    """Reads for shoppers."""

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
    async def GetProduct(self, request: pb.GetProductRequest, call: Call) -> pb.Product:
        product_id = parse_id(request.id, "id") if request.id else None
        async with call.read() as read:
            view = await self._view(read, request.view)
            try:
                page = await self._browser.get_product(
                    read, view, slug=request.slug, product_id=product_id
                )
            except ProductNotFound:
                await self._require_product_not_moved(read, view, request)
                raise
            seo, context = await self._seo_context(read)
            page.head.CopyFrom(self._seo.product_head(seo, context, view, page))
            localize_crumbs(page.breadcrumbs, self._seo.category_slugs(seo, context, view))
            channel, reader = await self._channel(read, view), reader_of(call)
            page.guest_policy = GUEST_POLICIES.encode(channel.guest_policy)
            if not reader.sees_prices(channel):
                hide_prices_of_page(page)
            elif reader.audience is not EVERYBODY:
                await price_page(read, channel, view, reader.audience, page)
                related = [card for each in page.related for card in each.products]
                await price_cards_for(read, channel, view, reader, related)
            return page

    @read(public=True)
    async def ListProducts(
        self, request: pb.ListProductsRequest, call: Call
    ) -> pb.ListProductsResponse:
        async with call.read() as read:
            view = await self._view(read, request.view)
            channel, reader = await self._channel(read, view), reader_of(call)
            if hides := not reader.sees_prices(channel):
                require_no_price_asked(request)
            try:
                reply = await self._browser.list_products(read, view, request)
            except CategoryNotFound as error:
                if error.metadata.get("slug") != request.category_slug:
                    raise
                usual = await self._category_of_name(read, view, request.category_slug)
                if usual is None:
                    raise
                asked = pb.ListProductsRequest()
                asked.CopyFrom(request)
                asked.category_slug = usual
                reply = await self._browser.list_products(read, view, asked)
            seo, context = await self._seo_context(read)
            if reply.HasField("category") and not request.page.token:
                head = self._seo.category_head(seo, context, view, reply.category.slug)
                if head is not None:
                    reply.head.CopyFrom(head)
            if slugs := self._seo.category_slugs(seo, context, view):
                localize_crumbs(reply.breadcrumbs, slugs)
                localize_categories(reply.children, slugs)
                if reply.HasField("category"):
                    localize_categories([reply.category], slugs)
            await price_cards_for(read, channel, view, reader, reply.products)
            if hides:
                hide_price_facet(reply.facets)
            reply.guest_policy = GUEST_POLICIES.encode(channel.guest_policy)
            return reply

    @read(public=True)
    async def SearchProducts(
        self, request: pb.SearchProductsRequest, call: Call
    ) -> pb.SearchProductsResponse:
        async with call.read() as read:
            view = await self._view(read, request.view)
            channel, reader = await self._channel(read, view), reader_of(call)
            if hides := not reader.sees_prices(channel):
                require_no_price_asked(request)
            reply = await self._browser.search_products(read, view, request)
            await price_cards_for(read, channel, view, reader, reply.products)
            if hides:
                hide_price_facet(reply.facets)
            reply.guest_policy = GUEST_POLICIES.encode(channel.guest_policy)
            return reply

    @read(public=True)
    async def ListCategories(
        self, request: pb.ListCategoriesRequest, call: Call
    ) -> pb.ListCategoriesResponse:
        async with call.read() as read:
            view = await self._view(read, request.view)
            reply = await self._browser.list_categories(read, view)
            seo, context = await self._seo_context(read)
        localize_categories(reply.categories, self._seo.category_slugs(seo, context, view))
        return reply

    @read(public=True)
    async def GetPage(self, request: pb.GetPageRequest, call: Call) -> pb.ContentPage:
        async with call.read() as read:
            view = await self._view(read, request.view)
            page = await self._page(read, view, request.slug)
            await price_content(read, await self._channel(read, view), view, reader_of(call), page)
            return page

    @read(public=True)
    async def GetOffers(self, request: pb.GetOffersRequest, call: Call) -> pb.GetOffersResponse:
        if request.synthetic and not call.caller.is_synthetic:
            # A cart asks for its owner, as itself: what the request says of the owner is believed
            # of whoever may say so.
            call.caller.require(SYNTHETIC_OFFERS_SCOPE)
        variant_ids = [parse_id(text, "variant_ids") for text in request.variant_ids]
        async with call.read() as read:
            view = await self._view(read, request.view)
            channel = await self._channel(read, view)
            policy = GUEST_POLICIES.encode(channel.guest_policy)
            if request.for_guest and channel.hides_prices:
                return pb.GetOffersResponse(currency=view.currency, guest_policy=policy)
            reply = await self._browser.get_offers(
                read,
                view,
                variant_ids,
                is_synthetic=request.synthetic,
                audience=_audience(request, call),
            )
            reply.guest_policy = policy
            return reply

    async def _page(self, read: Read, view: View, slug: str) -> pb.ContentPage:
        """One page with its head. Raises PageNotFound, SlugMoved."""
        try:
            stored = await page_of_slug(read, view.channel, slug)
        except PageNotFound:
            owner_id = await owner_of_name(read, SeoKind.PAGE, view.channel, view.locale, slug)
            found = await read.get(Page, owner_id) if owner_id else None
            if found is None or not found.is_live(read.now):
                raise
            stored = found
        seo, context = await self._seo_context(read)
        page = await show_page(read, Showing(context, seo, view), stored)
        if slug not in (page.slug, stored.slug):
            raise SlugMoved(slug=page.slug)
        return page

    async def _require_product_not_moved(
        self, read: Read, view: View, request: pb.GetProductRequest
    ) -> None:
        """Raises SlugMoved where the product has another URL part."""
        if request.id or not is_slug(request.slug):
            return
        slug = await product_slug_now(read, view.channel, view.locale, request.slug)
        if slug is not None:
            raise SlugMoved(slug=slug)

    async def _category_of_name(self, read: Read, view: View, slug: str) -> str | None:
        """Returns the usual URL part of the category that has this one in the view's language.

        Raises SlugMoved where it leads to another one.
        """
        if not is_slug(slug):
            return None
        owner_id = await owner_of_name(read, SeoKind.CATEGORY, "", view.locale, slug)
        seo, context = await self._seo_context(read)
        found = self._seo.category_of_owner(seo, context, owner_id, view)
        if found is None:
            return None
        usual, current = found
        if slug != current:
            raise SlugMoved(slug=current)
        return usual

    async def _seo_context(self, read: Read) -> tuple[SeoContext, CatalogContext]:
        return await self._seo.context(read), await self._directory.context(read)

    async def _channel(self, read: Read, view: View) -> Channel:
        return (await self._directory.context(read)).channels.by_code[view.channel]

    async def _view(self, read: Read, asked: pb.View) -> View:
        context = await self._directory.context(read)
        return context.channels.view(
            asked.channel, asked.locale, asked.currency, asked.accepted_locales
        )


def _audience(request: pb.GetOffersRequest, call: Call) -> Audience:
    """The buyer for whom to price: whom a service names, or the caller itself.

    Raises ScopeRequired where somebody else names a buyer.
    """
    if request.organization_id or request.customer_group:
        call.caller.require(PERSONAL_OFFERS_SCOPE)
        organization_id = parse_optional_id(request.organization_id, "organization_id")
        return Audience(organization_id, request.customer_group)
    return own_audience(call)
