"""Pages that are written and published in one step."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from catalog import events
from catalog.channels.model import Channels
from catalog.content_pages.actions import insert_version, keep_first, lock_name, new_page
from catalog.content_pages.drafts import (
    ContentDraft,
    require_content,
    resolve_content,
    texts_of,
)
from catalog.content_pages.model import Page, PageContent, PageKind, lock_page
from catalog.errors import InvalidPage
from catalog.seo.model import SeoKind
from catalog.seo.slug_names import require_free_name
from catalog.slugs import is_slug
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch


async def put_page(
    tx: Tx,
    channels: Channels,
    slug: str,
    *,
    channel: str,
    title: Mapping[str, str],
    body: Mapping[str, str],
    product_slugs: Sequence[str],
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> Page:
    """Creates or replaces a landing page in Markdown, and publishes it.

    One that is the same already keeps its version. An `expected_version` of 0 accepts
    any. Raises InvalidPage, UnknownChannel, SlugTaken, VersionMismatch.

    Writers of one page wait for each other, also where none of them finds it.
    """
    code = channels.channel(channel).code
    if not is_slug(slug):
        raise InvalidPage("needs a slug and a title", slug=slug[:80])
    await lock_name(tx, code, slug)
    before = await lock_page(tx, code, slug)
    version = before.version if before is not None else 0
    if expected_version not in (0, version):
        raise VersionMismatch("the page changed meanwhile", version=version)
    draft = ContentDraft(
        title=texts_of(title, is_line=True),
        body=texts_of(body),
        product_slugs=list(product_slugs),
        sections=[],
        campaign=before.campaign if before else "",
    )
    content = await resolve_content(tx, draft, root="")
    if before is not None:
        content = PageContent(
            title=content.title,
            body=content.body,
            product_ids=content.product_ids,
            sections=before.sections,
            campaign=before.campaign,
        )
    require_content(content, root="")
    if before is None:
        await require_free_name(tx, SeoKind.PAGE, slug, None, channel=code)
        page = new_page(tx, code, slug, PageKind.PAGE)
        page = page.with_content(content, is_published=True, number=1, published_number=1)
        await tx.insert(page)
    else:
        if before.content == content and before.is_published and not _is_scheduled(before):
            return before
        await keep_first(tx, before, actor_id)
        number = max(before.number, 1) + 1
        page = before.with_content(
            content, is_published=True, publish_from=None, publish_until=None,
            number=number, published_number=number, updated_at=tx.now,
        )  # fmt: skip
        await tx.update(page)
    await insert_version(tx, page, content, actor_id)
    await tx.emit(events.page_changed(page), key=page.id)
    record_audit(
        tx,
        actor_id,
        "put_page",
        f"page:{slug}",
        before={"version": before.version} if before else None,
        after={"version": page.version, "products": len(content.product_ids)},
    )
    return page


def _is_scheduled(page: Page) -> bool:
    return page.publish_from is not None or page.publish_until is not None
