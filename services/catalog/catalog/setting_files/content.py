"""Records of menus, content pages, texts for search engines and short links."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, tuple_
from sqlmodel import col, select

from catalog.content_pages import wire as pages_wire
from catalog.content_pages.import_page import ImportedPage, import_page
from catalog.content_pages.model import Page, PageContent
from catalog.content_pages.queries import content_of, slugs_of_products
from catalog.errors import InvalidShareLink, SeoOwnerNotFound
from catalog.menus.actions import create_menu, update_menu
from catalog.menus.model import Menu
from catalog.menus.queries import slugs_of_owners
from catalog.menus.wire import encode_staff_menu, entries_of
from catalog.products.own_data import document_of
from catalog.seo.queries import usual_slug
from catalog.setting_files.model import (
    Placed,
    Position,
    SettingKind,
    copy_fields,
    first_of,
    of_code,
    row_of,
)
from catalog.share_links.actions import FIELDS, create_share_link, update_share_link
from catalog.share_links.model import ShareLink, list_share_links
from catalog.share_links.wire import encode_share_link, values_of
from catalog.stock.changed_levels import CatalogContext
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from sojourn.catalog.v1 import catalog_jobs_pb2, content_pb2, menus_pb2, share_links_pb2

_menu_place: Final = (col(Menu.channel), col(Menu.code), col(Menu.locale))
_MENUS: Final = prepare(
    select(Menu)
    .where(
        tuple_(*_menu_place) > tuple_(bindparam("channel"), bindparam("code"), bindparam("locale"))
    )
    .order_by(*_menu_place)
    .limit(bindparam("size"))
)
_MENU: Final = prepare(
    select(Menu).where(
        col(Menu.channel) == bindparam("channel"),
        col(Menu.code) == bindparam("code"),
        col(Menu.locale) == bindparam("locale"),
    )
)
_PAGES: Final = prepare(
    select(Page)
    .where(
        tuple_(col(Page.channel), col(Page.slug)) > tuple_(bindparam("channel"), bindparam("slug"))
    )
    .order_by(col(Page.channel), col(Page.slug))
    .limit(bindparam("size"))
)
_PAGE: Final = prepare(
    select(Page).where(
        col(Page.channel) == bindparam("channel"), col(Page.slug) == bindparam("slug")
    )
)


async def _menus(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    channel, code, locale = after or ("", "", "")
    rows = await read.all(_MENUS, channel=channel, code=code, locale=locale, size=size)
    slugs = await slugs_of_owners(read, rows)
    found = []
    for row in rows:
        record = menus_pb2.MenuInput(code=row.code, channel=row.channel, locale=row.locale)
        record.entries.extend(_shown_entries(row, slugs))
        found.append(Placed((row.channel, row.code, row.locale), record))
    return found


def _shown_entries(menu: Menu, slugs: Mapping[UUID, str]) -> list[menus_pb2.StaffMenuEntry]:
    """Returns entries; one whose target is gone goes with those below it."""
    kept: list[menus_pb2.StaffMenuEntry] = []
    gone_depth: int | None = None
    for entry, message in zip(menu.entries, encode_staff_menu(menu, slugs).entries, strict=True):
        if gone_depth is not None and entry.depth > gone_depth:
            continue
        is_gone = entry.owner_id is not None and entry.owner_id not in slugs
        gone_depth = entry.depth if is_gone else None
        if not is_gone:
            kept.append(message)
    return kept


async def _menu(read: Read, context: CatalogContext, record: Any) -> Menu | None:
    channel = context.channels.channel(record.channel).code
    values = {"channel": channel, "code": record.code, "locale": record.locale}
    found: Menu | None = await read.one(_MENU, **values)
    return found


async def _store_menu(tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None) -> None:
    before = await _menu(tx, context, record)
    entries = entries_of(record.entries)
    if before is not None:
        await update_menu(tx, before.id, {"entries": entries}, actor_id=actor_id)
        return
    await create_menu(
        tx,
        context.channels,
        code=record.code,
        channel=record.channel,
        locale=record.locale,
        entries=entries,
        actor_id=actor_id,
    )


async def _pages(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    channel, slug = after or ("", "")
    rows: list[Page] = await read.all(_PAGES, channel=channel, slug=slug, size=size)
    newest = [await content_of(read, row) for row in rows]
    slugs = await slugs_of_products(read, [*newest, *(row.content for row in rows)])
    found = []
    for row, content in zip(rows, newest, strict=True):
        has_ended = row.publish_until is not None and row.publish_until <= read.now
        is_shown = row.is_published and not has_ended
        shown = row.content if is_shown else content
        record = catalog_jobs_pb2.PageRecord()
        copy_fields(_told(row, shown, slugs, context, read), record)
        if not is_shown:
            record.unpublished = True
            record.ClearField("publish_from")
            record.ClearField("publish_until")
        elif content != shown:
            copy_fields(_told(row, content, slugs, context, read), record.draft)
        found.append(Placed((row.channel, row.slug), record))
    return found


def _told(
    page: Page,
    content: PageContent,
    slugs: Mapping[UUID, str],
    context: CatalogContext,
    read: Read,
) -> content_pb2.StaffPage:
    """Returns a page without the parts whose products or category are gone."""
    told = pages_wire.encode_staff_page(page, content, slugs, context.tree, read.now)
    kept = [
        part
        for section, part in zip(content.sections, told.sections, strict=True)
        if bool(section.product_ids) is bool(part.product_slugs)
        and bool(section.category_id) is bool(part.category_slug)
    ]
    del told.sections[:]
    told.sections.extend(kept)
    return told


async def _page_state(read: Read, context: CatalogContext, record: Any) -> object:
    channel = context.channels.channel(record.channel).code
    return await read.one(_PAGE, channel=channel, slug=record.slug)


async def _store_page(tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None) -> None:
    content = _draft_of(record)
    has_draft = record.HasField("draft")
    page = ImportedPage(
        channel=record.channel,
        slug=record.slug,
        kind=pages_wire.KINDS.decode(record.kind),
        shown=None if record.unpublished else content,
        newest=_draft_of(record.draft) if has_draft else content,
        publish_from=pages_wire.time_of(record, "publish_from"),
        publish_until=pages_wire.time_of(record, "publish_until"),
        own_data=document_of(record.metadata),
    )
    await import_page(tx, context.channels, page, actor_id=actor_id)


def _draft_of(record: Any) -> Any:
    given = content_pb2.PageInput()
    copy_fields(record, given)
    return pages_wire.draft_of(given)


async def _share_links(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    """Returns links; one that has ended, or whose page is gone, is an empty place."""
    found = []
    for row in await list_share_links(read, after=first_of(after), size=size):
        record = share_links_pb2.ShareLinkInput()
        try:
            slug, _ = await usual_slug(read, row.kind, row.owner_id)
        except SeoOwnerNotFound:
            slug = ""
        copy_fields(encode_share_link(row, slug), record)
        has_ended = row.expires_at is not None and row.expires_at <= read.now
        found.append(Placed((row.code,), record if slug and not has_ended else None))
    return found


async def _store_share_link(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    if not record.code:
        raise InvalidShareLink("must not be empty", path="share_link.code")
    values = values_of(record, FIELDS)
    before = await tx.get(ShareLink, record.code)
    if before is None:
        await create_share_link(
            tx, context.channels, record.code, record.channel, values, actor_id=actor_id
        )
        return
    if before.channel != context.channels.channel(record.channel).code:
        raise InvalidShareLink("never changes", path="share_link.channel")
    await update_share_link(tx, record.code, values, actor_id=actor_id)


MENUS: Final = SettingKind(
    menus_pb2.MenuInput,
    lambda record: ("code", record.channel, record.locale, record.code),
    _menus,
    _menu,
    _store_menu,
    root="menu.",
    position_length=3,
)
PAGES: Final = SettingKind(
    catalog_jobs_pb2.PageRecord,
    lambda record: ("slug", record.channel, record.slug),
    _pages,
    _page_state,
    _store_page,
    root="page.",
    position_length=2,
    most_stored=20,
    most_read=20,
)
SHARE_LINKS: Final = SettingKind(
    share_links_pb2.ShareLinkInput,
    of_code,
    _share_links,
    row_of(ShareLink, "code"),
    _store_share_link,
    root="share_link.",
)
