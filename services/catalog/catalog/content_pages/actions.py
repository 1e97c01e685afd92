"""Staff's changes of content pages: versions, publishing, roll-back, deleting."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, literal
from sqlmodel import select

from catalog import events
from catalog.channels.model import Channels
from catalog.content_pages.drafts import (
    ContentDraft,
    require_content,
    resolve_content,
)
from catalog.content_pages.model import (
    Page,
    PageContent,
    PageFormat,
    PageKind,
    PageVersion,
    lock_page,
)
from catalog.content_pages.queries import content_of
from catalog.errors import InvalidPage, PageNotFound, SlugTaken
from catalog.products.own_data import with_own_data
from catalog.seo.model import SeoKind
from catalog.seo.slug_names import forget_names, record_former_slugs, require_free_name
from catalog.slugs import is_slug
from chassis.data.audit import OPERATOR, record_audit
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7

# Seed of the advisory locks on which first puts of one page wait for each other.
_FIRST_PUT_LOCK: Final = 1
_LOCK_NAME: Final = prepare(
    select(
        func.pg_advisory_xact_lock(
            func.hashtextextended(bindparam("name"), literal(_FIRST_PUT_LOCK, BigInteger()))
        )
    )
)
FIELDS: Final = (
    "slug", "title", "body", "format", "sections", "product_slugs", "campaign", "metadata",
)  # fmt: skip


async def create_page(
    tx: Tx,
    channels: Channels,
    draft: ContentDraft,
    *,
    slug: str,
    kind: PageKind,
    channel: str,
    own_data: Mapping[str, Any] | None = None,
    actor_id: UUID | None = None,
) -> Page:
    """Creates a page whose first version is not published.

    Raises InvalidPage, UnknownChannel, SlugTaken.
    """
    code = channels.channel(channel).code
    _require_slug(slug)
    content = await resolve_content(tx, draft)
    require_content(content)
    await lock_name(tx, code, slug)
    await _require_free_slug(tx, code, slug, None)
    if kind is PageKind.HOME:
        await _require_no_home(tx, code)
    page = new_page(tx, code, slug, kind)
    page.number = 1
    page.own_data = _own_data_of({"own_data": own_data or {}}, page)
    await tx.insert(page)
    await insert_version(tx, page, content, actor_id)
    await _tell_draft(tx, page)
    after: dict[str, Any] = {"slug": slug, "kind": kind.value, "channel": code}
    record_audit(tx, actor_id, "create_page", _subject(page), after=after)
    return page


async def update_page(
    tx: Tx,
    page_id: UUID,
    values: Mapping[str, Any],
    *,
    expected_version: int = 0,
    actor_id: UUID | None = None,
) -> Page:
    """Changes fields of a page, as a new version; what is the same keeps its version.

    `metadata` merges as a JSON merge patch into the page's own data, which is in no version.
    Raises PageNotFound, InvalidPage, SlugTaken, VersionMismatch.
    """
    before = await _lock(tx, page_id, expected_version)
    slug = values.get("slug", before.slug)
    if slug != before.slug:
        _require_slug(slug)
        await lock_name(tx, before.channel, slug)
        await _require_free_slug(tx, before.channel, slug, page_id)
        await record_former_slugs(
            tx, SeoKind.PAGE, [(page_id, before.slug)], channel=before.channel
        )
    old = await content_of(tx, before)
    draft = ContentDraft.of_changes(old, values)
    content = await resolve_content(tx, draft, old=old)
    require_content(content)
    own_data = _own_data_of(values, before)
    if slug == before.slug and content == old and own_data == before.own_data:
        return before
    number = before.number
    if content != old:
        await keep_first(tx, before, actor_id)
        number = max(before.number, 1) + 1
    after = before.copy_row(
        slug=slug,
        number=number,
        published_number=before.published_number or int(before.number == 0),
        own_data=own_data,
        updated_at=tx.now,
    )
    await tx.update(after)
    if content != old:
        await insert_version(tx, after, content, actor_id)
    if slug != before.slug:
        await tx.emit(events.page_changed(after), key=page_id)
    await _tell_draft(tx, after)
    record_audit(
        tx,
        actor_id,
        "update_page",
        _subject(after),
        before={
            "slug": before.slug,
            "number": before.number,
            "version": before.version,
            **({"metadata": before.own_data} if own_data != before.own_data else {}),
        },
        after={
            "slug": slug,
            "number": number,
            "fields": ", ".join(sorted(values)),
            "version": after.version,
            **({"metadata": own_data} if own_data != before.own_data else {}),
        },
    )
    return after


async def publish_page(
    tx: Tx,
    page_id: UUID,
    *,
    number: int = 0,
    publish_from: datetime | None = None,
    publish_until: datetime | None = None,
    expected_version: int = 0,
    actor_id: UUID | None = None,
) -> Page:
    """Shows a version, the newest for 0, from a time until another.

    Raises PageNotFound, PageVersionNotFound, InvalidPage, VersionMismatch.
    """
    before = await _lock(tx, page_id, expected_version)
    if publish_until is not None and publish_until <= max(publish_from or tx.now, tx.now):
        raise InvalidPage("is in the future, and after `publish_from`", path="publish_until")
    content = await content_of(tx, before, number)
    after = before.with_content(
        content, is_published=True, publish_from=publish_from, publish_until=publish_until,
        published_number=number or max(before.number, 1), number=max(before.number, 1),
    )  # fmt: skip
    if before.number == 0:
        await keep_first(tx, before, actor_id)
    if after == before:
        return before
    after.updated_at = tx.now
    await tx.update(after)
    await tx.emit(events.page_changed(after), key=page_id)
    record_audit(
        tx,
        actor_id,
        "publish_page",
        _subject(after),
        before={"number": before.published_number, "version": before.version},
        after={
            "number": after.published_number,
            "publish_from": publish_from.isoformat() if publish_from else None,
            "publish_until": publish_until.isoformat() if publish_until else None,
            "version": after.version,
        },
    )
    return after


async def unpublish_page(
    tx: Tx, page_id: UUID, *, expected_version: int = 0, actor_id: UUID | None = None
) -> Page:
    """Takes a page from shoppers; its versions stay. Raises PageNotFound, VersionMismatch."""
    before = await _lock(tx, page_id, expected_version)
    if not before.is_published:
        return before
    await keep_first(tx, before, actor_id)
    after = before.copy_row(
        is_published=False,
        publish_from=None,
        publish_until=None,
        number=max(before.number, 1),
        published_number=0,
        updated_at=tx.now,
    )
    await tx.update(after)
    await tx.emit(events.page_changed(after), key=page_id)
    record_audit(
        tx,
        actor_id,
        "unpublish_page",
        _subject(after),
        before={"number": before.published_number, "version": before.version},
        after={"version": after.version},
    )
    return after


async def roll_back_page(
    tx: Tx, page_id: UUID, number: int, *, expected_version: int = 0, actor_id: UUID | None = None
) -> Page:
    """Makes the content of an earlier version the newest one.

    Raises PageNotFound, PageVersionNotFound, VersionMismatch.
    """
    before = await _lock(tx, page_id, expected_version)
    content = await content_of(tx, before, number)
    await keep_first(tx, before, actor_id)
    after = before.copy_row(
        number=max(before.number, 1) + 1,
        published_number=before.published_number or int(before.number == 0),
        updated_at=tx.now,
    )
    await tx.update(after)
    await insert_version(tx, after, content, actor_id, rolled_back_to=number)
    await _tell_draft(tx, after)
    record_audit(
        tx,
        actor_id,
        "roll_back_page",
        _subject(after),
        before={"number": before.number, "version": before.version},
        after={"number": after.number, "rolled_back_to": number, "version": after.version},
    )
    return after


async def delete_page(
    tx: Tx, page_id: UUID, *, expected_version: int = 0, actor_id: UUID | None = None
) -> None:
    """Deletes a page with its versions, names and texts. Raises PageNotFound, VersionMismatch."""
    page = await _lock(tx, page_id, expected_version)
    await tx.run("DELETE FROM page_version WHERE page_id = %s", [page_id])
    await forget_names(tx, SeoKind.PAGE, page_id)
    await tx.delete(page)
    await tx.emit(events.page_deleted(page_id, page.slug), key=page_id)
    record_audit(
        tx,
        actor_id,
        "delete_page",
        _subject(page),
        before={"slug": page.slug, "channel": page.channel, "version": page.version},
        after=None,
    )


def new_page(tx: Tx, channel: str, slug: str, kind: PageKind) -> Page:
    """Returns a page that shows nothing: what is not published is in its versions alone."""
    return Page(
        id=uuid7(),
        channel=channel,
        slug=slug,
        title={},
        body={},
        product_ids=[],
        updated_at=tx.now,
        kind=kind,
        format=PageFormat.MARKDOWN,
        is_published=False,
    )


async def insert_version(
    tx: Tx, page: Page, content: PageContent, actor_id: UUID | None, *, rolled_back_to: int = 0
) -> None:
    await tx.insert(
        PageVersion(
            page_id=page.id,
            number=page.number,
            content=content,
            actor_id=actor_id or OPERATOR,
            created_at=tx.now,
            rolled_back_to=rolled_back_to,
        )
    )


async def keep_first(tx: Tx, page: Page, actor_id: UUID | None) -> None:
    """Keeps what an older release published as version 1."""
    if page.number == 0:
        await insert_version(tx, page.copy_row(number=1), page.content, actor_id)


async def _tell_draft(tx: Tx, page: Page) -> None:
    await tx.emit(events.page_draft_changed(page.id, page.slug, page.number), key=page.id)


async def _lock(tx: Tx, page_id: UUID, expected_version: int) -> Page:
    page = await tx.lock(Page, page_id)
    if page is None:
        raise PageNotFound(id=page_id)
    if expected_version not in (0, page.version):
        raise VersionMismatch("the page changed meanwhile", version=page.version)
    return page


async def lock_name(tx: Tx, channel: str, slug: str) -> None:
    await tx.one(_LOCK_NAME, name=f"{channel}/{slug}")


async def _require_free_slug(tx: Tx, channel: str, slug: str, page_id: UUID | None) -> None:
    holder = await lock_page(tx, channel, slug)
    if holder is not None and holder.id != page_id:
        raise SlugTaken("another page has this slug", path="page.slug", id=holder.id)
    await require_free_name(tx, SeoKind.PAGE, slug, page_id, channel=channel)


async def _require_no_home(tx: Tx, channel: str) -> None:
    await lock_name(tx, channel, "")
    there = "SELECT id FROM page WHERE channel = %s AND kind = 'home'"
    if found := await tx.fetch_one(there, [channel]):
        raise InvalidPage("the channel has a home page", path="page.kind", id=found[0])


def _own_data_of(values: Mapping[str, Any], page: Page) -> dict[str, Any]:
    """Returns the merchant's own data after a change. Raises InvalidPage."""
    given = {name: values[name] for name in ("metadata", "own_data") if name in values}
    found = with_own_data(given, page.own_data, InvalidPage, path="page.metadata")
    return dict(found.get("own_data", page.own_data))


def _require_slug(slug: str) -> None:
    if not is_slug(slug):
        said = "must be lower-case letters, digits and single hyphens"
        raise InvalidPage(said, path="page.slug")


def _subject(page: Page) -> str:
    return f"page:{page.id}"
