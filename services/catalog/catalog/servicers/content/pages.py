"""The edge of content: pages as staff keep them, the home page, blocks and previews."""

import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from catalog.channels.wire import GUEST_POLICIES
from catalog.content_pages import wire
from catalog.content_pages.actions import (
    create_page,
    delete_page,
    publish_page,
    roll_back_page,
    unpublish_page,
    update_page,
)
from catalog.content_pages.model import Page, home_page, live_blocks
from catalog.content_pages.previews import (
    KEY_BYTES,
    Preview,
    read_preview,
    require_signed,
    sign_preview,
)
from catalog.content_pages.queries import (
    content_of,
    get_page,
    list_pages,
    list_versions,
    slugs_of_products,
)
from catalog.errors import MenuNotFound, PageNotFound, PreviewNotFound
from catalog.menus.model import Menu, menu_of_code
from catalog.menus.queries import shown_targets
from catalog.menus.wire import encode_menu
from catalog.products.own_data import document_of
from catalog.seo.model import SeoKind
from catalog.servicers.content.edge import ContentEdge, Showing
from catalog.servicers.content.shown_pages import show_page
from catalog.servicers.readers import price_content, reader_of
from chassis.data.audit import record_audit
from chassis.data.tx import Read, Tx
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, read, write
from chassis.rpc.wire import timestamp
from sojourn.catalog.v1 import catalog_pb2 as catalog_pb
from sojourn.catalog.v1 import content_pb2 as pb
from sojourn.catalog.v1 import content_pb2_grpc as pb_grpc

_PAGE_SIZE: Final = 50
_VERSIONS_SIZE: Final = 20
_MOST_NUMBER: Final = 2**62
_PREVIEW_SECONDS: Final = 86_400
_HOME_MENUS: Final = ("main", "footer")


class ContentServicer(ContentEdge, pb_grpc.ContentServiceServicer):
    """Content for shoppers."""

    @read(public=True)
    async def GetHome(self, request: pb.GetHomeRequest, call: Call) -> pb.Home:
        codes = list(dict.fromkeys(request.menus)) or list(_HOME_MENUS)
        async with call.read() as read:
            showing = await self._showing(read, request.view)
            view, context = showing.view, showing.context
            page = await home_page(read, view.channel)
            content = await show_page(read, showing, page) if page else None
            menus = await _menus(read, view.channel, view.locale, codes)
            shown = await shown_targets(read, view, menus)
            if content is not None:
                await _price(read, showing, call, content)
        links = showing.seo.links(context, view.channel)
        fallback = showing.fallback
        slugs = self._seo.category_slugs(showing.seo, context, view)
        return pb.Home(
            page=content,
            menus=[
                encode_menu(menu, view, links, context.tree, shown, showing.seo.categories)
                for menu in menus
            ],
            categories=[
                catalog_pb.Category(
                    id=str(each.id),
                    slug=slugs.get(each.slug, each.slug),
                    name=each.name_in(view.locale, fallback),
                )
                for each in context.tree.children_of(None)
            ],
            locale=view.locale,
            guest_policy=GUEST_POLICIES.encode(context.channels.by_code[view.channel].guest_policy),
        )

    @read(public=True)
    async def GetBlock(self, request: pb.GetBlockRequest, call: Call) -> catalog_pb.ContentPage:
        async with call.read() as read:
            showing = await self._showing(read, request.view)
            found = await live_blocks(read, showing.view.channel, [request.slug])
            if request.slug not in found:
                raise PageNotFound(slug=request.slug[:80])
            block = await show_page(read, showing, found[request.slug])
            await _price(read, showing, call, block)
            return block

    @read(public=True)
    async def GetPagePreview(
        self, request: pb.GetPagePreviewRequest, call: Call
    ) -> catalog_pb.ContentPage:
        preview = read_preview(request.token)
        async with call.read() as read:
            page = await read.get(Page, preview.page_id)
            if page is None:
                raise PreviewNotFound
            require_signed(request.token, page.preview_key, read.now)
            asked = catalog_pb.View()
            asked.CopyFrom(request.view)
            asked.channel = page.channel
            showing = await self._showing(read, asked)
            content = await content_of(read, page, preview.number)
            shown = await show_page(read, showing, page, content)
            await _price(read, showing, call, shown)
        shown.head.indexed = False
        return shown


class PageAdminServicer(ContentEdge, pb_grpc.PageAdminServiceServicer):
    """Pages for staff."""

    @read(scope="catalog.write")
    async def ListStaffPages(
        self, request: pb.ListStaffPagesRequest, call: Call
    ) -> pb.ListStaffPagesResponse:
        size = size_of(request.page.size, default=_PAGE_SIZE)
        after = _position(request.page.token)
        kind = wire.KINDS.decode(request.kind) if request.kind else None
        async with call.read() as read:
            context = await self._directory.refresh(read)
            if request.channel:
                context.channels.channel(request.channel)
            found = await list_pages(
                read, channel=request.channel, kind=kind, after=after, size=size + 1
            )
            shown = [await self._encoded(read, page) for page in found[:size]]
        last = found[size - 1] if len(found) > size else None
        return pb.ListStaffPagesResponse(
            pages=shown, next_page_token=token_of([last.slug, str(last.id)]) if last else ""
        )

    @read(scope="catalog.write")
    async def GetStaffPage(self, request: pb.GetStaffPageRequest, call: Call) -> pb.StaffPage:
        async with call.read() as read:
            return await self._encoded(read, await get_page(read, parse_id(request.id, "id")))

    @write(scope="catalog.write", needs_key=True)
    async def CreatePage(self, request: pb.CreatePageRequest, call: Call) -> pb.StaffPage:
        given = request.page
        draft = wire.draft_of(given)
        async with call.tx() as tx:
            page = await create_page(
                tx,
                (await self._directory.refresh(tx)).channels,
                draft,
                slug=given.slug,
                kind=wire.KINDS.decode(given.kind),
                channel=given.channel,
                own_data=document_of(given.metadata),
                actor_id=call.caller.subject_id,
            )
            return await self._encoded(tx, page)

    @write(scope="catalog.write")
    async def UpdatePage(self, request: pb.UpdatePageRequest, call: Call) -> pb.StaffPage:
        values = wire.values_of(request)
        async with call.tx() as tx:
            page = await update_page(
                tx,
                parse_id(request.id, "id"),
                values,
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
            return await self._encoded(tx, page)

    @write(scope="catalog.write")
    async def PublishPage(self, request: pb.PublishPageRequest, call: Call) -> pb.StaffPage:
        async with call.tx() as tx:
            page = await publish_page(
                tx,
                parse_id(request.id, "id"),
                number=request.number,
                publish_from=wire.time_of(request, "publish_from"),
                publish_until=wire.time_of(request, "publish_until"),
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
            return await self._encoded(tx, page)

    @write(scope="catalog.write")
    async def UnpublishPage(self, request: pb.UnpublishPageRequest, call: Call) -> pb.StaffPage:
        async with call.tx() as tx:
            page = await unpublish_page(
                tx,
                parse_id(request.id, "id"),
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
            return await self._encoded(tx, page)

    @read(scope="catalog.write")
    async def ListPageVersions(
        self, request: pb.ListPageVersionsRequest, call: Call
    ) -> pb.ListPageVersionsResponse:
        size = size_of(request.page.size, default=_VERSIONS_SIZE)
        position = position_of(request.page.token, length=1)
        before = position[0] if position else _MOST_NUMBER
        if type(before) is not int or not 0 < before <= _MOST_NUMBER:
            raise InvalidPageToken
        async with call.read() as read:
            page = await get_page(read, parse_id(request.id, "id"))
            found = await list_versions(read, page.id, before=before, size=size + 1)
        return pb.ListPageVersionsResponse(
            versions=map(wire.encode_version, found[:size]),
            next_page_token=token_of([found[size - 1].number]) if len(found) > size else "",
        )

    @write(scope="catalog.write")
    async def RollBackPage(self, request: pb.RollBackPageRequest, call: Call) -> pb.StaffPage:
        async with call.tx() as tx:
            page = await roll_back_page(
                tx,
                parse_id(request.id, "id"),
                request.number,
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
            return await self._encoded(tx, page)

    @write(scope="catalog.write")
    async def CreatePagePreview(
        self, request: pb.CreatePagePreviewRequest, call: Call
    ) -> pb.PagePreview:
        async with call.tx() as tx:
            page = await get_page(tx, parse_id(request.id, "id"))
            number = request.number or max(page.number, 1)
            await content_of(tx, page, number)
            seconds = request.valid_seconds or _PREVIEW_SECONDS
            expires_at = (tx.now + timedelta(seconds=seconds)).replace(microsecond=0)
            preview = Preview(page.id, number, expires_at)
            token = sign_preview(preview, await _preview_key(tx, page.id))
            record_audit(
                tx,
                call.caller.subject_id,
                "create_page_preview",
                f"page:{page.id}",
                after={"number": number, "expires_at": expires_at.isoformat()},
            )
            context = await self._directory.refresh(tx)
            links = (await self._seo.context(tx)).links(context, page.channel)
        address = links.page(SeoKind.PAGE, page.slug, links.channel.locales[0])
        return pb.PagePreview(
            token=token, expires_at=timestamp(expires_at), preview_url=f"{address}#preview={token}"
        )

    @write(scope="catalog.write")
    async def DeletePage(self, request: pb.DeletePageRequest, call: Call) -> pb.DeletePageResponse:
        async with call.tx() as tx:
            await delete_page(
                tx,
                parse_id(request.id, "id"),
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
        return pb.DeletePageResponse()

    async def _encoded(self, read: Read, page: Page) -> pb.StaffPage:
        content = await content_of(read, page)
        slugs = await slugs_of_products(read, [content])
        tree = (await self._directory.context(read)).tree
        return wire.encode_staff_page(page, content, slugs, tree, read.now)


async def _price(read: Read, showing: Showing, call: Call, page: catalog_pb.ContentPage) -> None:
    """Gives cards the prices of the reader who calls."""
    channel = showing.context.channels.by_code[showing.view.channel]
    await price_content(read, channel, showing.view, reader_of(call), page)


async def _menus(read: Read, channel: str, locale: str, codes: list[str]) -> list[Menu]:
    found: list[Menu] = []
    for code in codes:
        try:
            found.append(await menu_of_code(read, channel, code, locale))
        except MenuNotFound:
            continue
    return found


async def _preview_key(tx: Tx, page_id: UUID) -> bytes:
    """Returns the key that signs previews of a page, made with the first one."""
    key = secrets.token_bytes(KEY_BYTES)
    statement = (
        "UPDATE page SET preview_key = COALESCE(preview_key, %(key)s) WHERE id = %(page_id)s"
    )
    await tx.run(statement, {"key": key, "page_id": page_id})
    found = await tx.fetch_one("SELECT preview_key FROM page WHERE id = %s", [page_id])
    assert found is not None
    return bytes(found[0])


def _position(token: str) -> tuple[str, UUID]:
    position = position_of(token, length=2)
    if position is None:
        return "", UUID(int=0)
    try:
        return str(position[0]), UUID(str(position[1]))
    except ValueError:
        raise InvalidPageToken from None
