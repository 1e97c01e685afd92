"""Imports of content pages: a page is made as a record has it, published and not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.channels.model import Channels
from catalog.content_pages.actions import (
    create_page,
    publish_page,
    unpublish_page,
    update_page,
)
from catalog.content_pages.drafts import ContentDraft, resolve_content
from catalog.content_pages.model import Page, PageContent, PageKind, lock_page
from catalog.content_pages.queries import content_of
from catalog.errors import InvalidPage
from chassis.data.tx import Tx


@dataclass(frozen=True, slots=True)
class ImportedPage:
    """A page to be: what shoppers see, and the newest content where that is another.

    Without `shown` they see nothing, and `newest` is there.
    """

    channel: str
    slug: str
    kind: PageKind
    shown: ContentDraft | None
    newest: ContentDraft | None
    publish_from: datetime | None = None
    publish_until: datetime | None = None
    own_data: Mapping[str, Any] = field(default_factory=dict)


async def import_page(
    tx: Tx, channels: Channels, given: ImportedPage, *, actor_id: UUID | None = None
) -> None:
    """Makes a page what a record says; one that is the same already stays as it is.

    Raises InvalidPage, UnknownChannel, SlugTaken.
    """
    channel = channels.channel(given.channel).code
    page = await lock_page(tx, channel, given.slug)
    if page is None:
        first = given.shown or given.newest
        assert first is not None
        page = await create_page(
            tx,
            channels,
            first,
            slug=given.slug,
            kind=given.kind,
            channel=channel,
            own_data=given.own_data,
            actor_id=actor_id,
        )
    elif page.kind is not given.kind:
        raise InvalidPage("never changes", path="page.kind")
    if given.shown is not None:
        page = await _show(tx, page, given, given.shown, actor_id)
    elif page.is_published:
        page = await unpublish_page(tx, page.id, actor_id=actor_id)
    if given.newest is not None:
        await _write(tx, page, given, given.newest, actor_id)


async def _show(
    tx: Tx, page: Page, given: ImportedPage, shown: ContentDraft, actor_id: UUID | None
) -> Page:
    """Publishes content, as a version of its own unless the newest one has it."""
    wanted = await resolve_content(tx, shown)
    schedule = (given.publish_from, given.publish_until)
    if (
        page.is_published
        and page.content == wanted
        and (page.publish_from, page.publish_until) == schedule
    ):
        return page
    page = await _write(tx, page, given, shown, actor_id)
    return await publish_page(
        tx,
        page.id,
        publish_from=given.publish_from,
        publish_until=given.publish_until,
        actor_id=actor_id,
    )


async def _write(
    tx: Tx, page: Page, given: ImportedPage, draft: ContentDraft, actor_id: UUID | None
) -> Page:
    values = _replacing(draft, await content_of(tx, page)) | {"own_data": given.own_data}
    return await update_page(tx, page.id, values, actor_id=actor_id)


def _replacing(draft: ContentDraft, old: PageContent) -> dict[str, Any]:
    """Returns all fields of content; languages that it has not go, as a change merges them."""
    return {
        "title": {**dict.fromkeys(old.title, ""), **draft.title},
        "body": {**dict.fromkeys(old.body, ""), **draft.body},
        "format": draft.format,
        "sections": draft.sections or [],
        "product_slugs": draft.product_slugs or [],
        "campaign": draft.campaign,
    }
