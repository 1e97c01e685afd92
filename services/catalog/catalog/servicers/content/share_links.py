"""The edge of short links: where they lead, and as staff keep them."""

from typing import Final

from catalog.content_pages.model import Page
from catalog.directory import Directory
from catalog.errors import (
    CategoryNotFound,
    PageNotFound,
    ProductNotFound,
    SeoOwnerNotFound,
    ShareLinkNotFound,
)
from catalog.reservations.actions import CatalogContext
from catalog.seo.directory import SeoContext
from catalog.seo.links import slug_in
from catalog.seo.model import SeoKind, SeoSetting
from catalog.seo.queries import usual_slug, usual_slug_holder
from catalog.seo.slug_names import owner_of_name
from catalog.seo.wire import KINDS
from catalog.servicers.content.edge import ContentEdge
from catalog.share_links import wire
from catalog.share_links.actions import (
    FIELDS,
    create_share_link,
    delete_share_link,
    update_share_link,
)
from catalog.share_links.model import ShareLink, get_share_link, list_share_links
from catalog.share_links.page_shares import SharedPage, campaign_of, page_of_code
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import NotFound
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import share_links_pb2 as pb
from sojourn.catalog.v1 import share_links_pb2_grpc as pb_grpc

_PAGE_SIZE: Final = 50
_MISSING: Final[dict[SeoKind, type[NotFound]]] = {
    SeoKind.PRODUCT: ProductNotFound,
    SeoKind.CATEGORY: CategoryNotFound,
    SeoKind.PAGE: PageNotFound,
}
_PRODUCT_SLUG: Final = (
    "SELECT slug FROM listing_text WHERE product_id = %(id)s AND channel = %(channel)s"
    " AND locale = %(locale)s"
)


class ShareLinkServicer(ContentEdge, pb_grpc.ShareLinkServiceServicer):
    """Short links for shoppers."""

    @read(public=True)
    async def ResolveShareLink(
        self, request: pb.ResolveShareLinkRequest, call: Call
    ) -> pb.ShareLinkTarget:
        async with call.read() as read:
            context = await self._directory.context(read)
            page, campaign = await _led_to(read, request.code, context)
            asked = request.view
            view = context.channels.view(page.channel, asked.locale, "", asked.accepted_locales)
            seo = await self._seo.context(read)
            slug = await _slug(read, page, view.locale, context, seo)
        if slug is None:
            raise ShareLinkNotFound(code=request.code)
        url = seo.links(context, page.channel).page(page.kind, slug, view.locale)
        return wire.encode_target(page, slug, url, view.locale, campaign)

    @read(public=True)
    async def SharePage(self, request: pb.SharePageRequest, call: Call) -> pb.PageShare:
        kind = KINDS.decode(request.kind)
        async with call.read() as read:
            showing = await self._showing(read, request.view)
            view = showing.view
            of_channel = view.channel if kind is SeoKind.PAGE else ""
            owner_id = await usual_slug_holder(
                read, kind, of_channel, request.slug
            ) or await owner_of_name(read, kind, of_channel, view.locale, request.slug)
            if owner_id is None:
                raise _MISSING[kind](slug=request.slug[:80])
            page = SharedPage(kind, owner_id, view.channel)
            slug = await _slug(read, page, view.locale, showing.context, showing.seo)
        if slug is None:
            raise _MISSING[kind](slug=request.slug[:80])
        return wire.encode_page_share(page, slug)


class ShareLinkAdminServicer(Servicer, pb_grpc.ShareLinkAdminServiceServicer):
    """Short links for staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @read(scope="catalog.write")
    async def ListShareLinks(
        self, request: pb.ListShareLinksRequest, call: Call
    ) -> pb.ListShareLinksResponse:
        size = size_of(request.page.size, default=_PAGE_SIZE)
        after = position_of(request.page.token, length=1)
        async with call.read() as read:
            found = await list_share_links(
                read, after=str(after[0]) if after else "", size=size + 1
            )
            shown = [await _encoded(read, link) for link in found[:size]]
        return pb.ListShareLinksResponse(
            share_links=shown,
            next_page_token=token_of([found[size - 1].code]) if len(found) > size else "",
        )

    @read(scope="catalog.write")
    async def GetShareLink(self, request: pb.GetShareLinkRequest, call: Call) -> pb.ShareLink:
        async with call.read() as read:
            return await _encoded(read, await get_share_link(read, request.code))

    @write(scope="catalog.write", needs_key=True)
    async def CreateShareLink(self, request: pb.CreateShareLinkRequest, call: Call) -> pb.ShareLink:
        given = request.share_link
        async with call.tx() as tx:
            link = await create_share_link(
                tx,
                (await self._directory.refresh(tx)).channels,
                given.code,
                given.channel,
                wire.values_of(given, FIELDS),
                actor_id=call.caller.subject_id,
            )
            return await _encoded(tx, link)

    @write(scope="catalog.write")
    async def UpdateShareLink(self, request: pb.UpdateShareLinkRequest, call: Call) -> pb.ShareLink:
        values = wire.values_of(request.share_link, list(request.update_mask))
        async with call.tx() as tx:
            link = await update_share_link(
                tx,
                request.code,
                values,
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
            return await _encoded(tx, link)

    @write(scope="catalog.write")
    async def DeleteShareLink(
        self, request: pb.DeleteShareLinkRequest, call: Call
    ) -> pb.DeleteShareLinkResponse:
        async with call.tx() as tx:
            await delete_share_link(
                tx,
                request.code,
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
        return pb.DeleteShareLinkResponse()


async def _encoded(read: Read, link: ShareLink) -> pb.ShareLink:
    try:
        slug, _ = await usual_slug(read, link.kind, link.owner_id)
    except SeoOwnerNotFound:
        slug = ""
    return wire.encode_share_link(link, slug)


async def _led_to(
    read: Read, code: str, context: CatalogContext
) -> tuple[SharedPage, dict[str, str]]:
    """Returns the page of a link of staff or of a shopper, and its campaign.

    Raises ShareLinkNotFound.
    """
    channels = context.channels.by_code
    link = await read.get(ShareLink, code)
    if link is None:
        page = page_of_code(code, channels)
        if page is None:
            raise ShareLinkNotFound(code=code)
        return page, campaign_of(code)
    has_ended = link.expires_at is not None and link.expires_at <= read.now
    if has_ended or link.channel not in channels:
        raise ShareLinkNotFound(code=code)
    return SharedPage(link.kind, link.owner_id, link.channel), link.campaign


async def _slug(
    read: Read, page: SharedPage, locale: str, context: CatalogContext, seo: SeoContext
) -> str | None:
    """Returns the slug of a page in a language; None where shoppers do not see it."""
    match page.kind:
        case SeoKind.PRODUCT:
            values = {"id": page.owner_id, "channel": page.channel, "locale": locale}
            found = await read.fetch_one(_PRODUCT_SLUG, values)
            return str(found[0]) if found else None
        case SeoKind.CATEGORY:
            category = context.tree.by_id.get(page.owner_id)
            setting = seo.categories.get(page.owner_id)
            usual = category.slug if category else None
        case SeoKind.PAGE:
            content = await read.get(Page, page.owner_id)
            setting = await read.get(SeoSetting, SeoKind.PAGE, page.owner_id)
            is_shown = content is not None and content.is_live(read.now)
            usual = content.slug if content is not None and is_shown else None
    return slug_in(setting.slugs if setting else {}, locale, usual) if usual else None
