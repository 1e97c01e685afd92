"""Editing landing pages."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, literal
from sqlmodel import select

from catalog import events
from catalog.channels.model import LOCALE, Channels
from catalog.content_pages.model import Page, lock_page
from catalog.errors import InvalidPage
from catalog.products.model import Product
from catalog.products.plain_text import line_of
from catalog.slugs import is_slug
from chassis.data.audit import record_audit
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7

# Seed of the advisory locks on which first puts of one page wait for each other.
_FIRST_PUT_LOCK: Final = 1
# Of titles and bodies in all languages together, in UTF-8.
MOST_BYTES: Final = 256 * 1024
_LOCK_NAME: Final = prepare(
    select(
        func.pg_advisory_xact_lock(
            func.hashtextextended(bindparam("name"), literal(_FIRST_PUT_LOCK, BigInteger()))
        )
    )
)
_IDS: Final = prepare(select(Product.slug, Product.id).where(one_of(Product.slug, "slugs")))


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
    """Creates or replaces a landing page.

    One that is the same already keeps its version. An `expected_version` of 0 accepts
    any. Raises InvalidPage, UnknownChannel, VersionMismatch.

    Writers of one page wait for each other, also where none of them finds it.
    """
    code = channels.channel(channel).code
    if not all(LOCALE.fullmatch(locale) for locale in (*title, *body)):
        raise InvalidPage("texts are by BCP 47 language tag", slug=slug[:80])
    titles = {locale: text for locale in sorted(title) if (text := line_of(title[locale]))}
    if not is_slug(slug) or not titles:
        raise InvalidPage("needs a slug and a title", slug=slug[:80])
    if sum(len(text.encode()) for text in (*titles.values(), *body.values())) > MOST_BYTES:
        raise InvalidPage(f"a page has at most {MOST_BYTES} bytes", path="body", most=MOST_BYTES)
    product_ids = await _product_ids(tx, product_slugs)
    bodies = {locale: body[locale].replace("\x00", "") for locale in sorted(body)}
    await tx.one(_LOCK_NAME, name=f"{code}/{slug}")
    before = await lock_page(tx, code, slug)
    version = before.version if before is not None else 0
    if expected_version not in (0, version):
        raise VersionMismatch("the page changed meanwhile", version=version)
    page = Page(
        id=before.id if before else uuid7(),
        channel=code,
        slug=slug,
        title=titles,
        body=bodies,
        product_ids=product_ids,
        version=before.version if before else 1,
        updated_at=before.updated_at if before else tx.now,
    )
    if page == before:
        return page
    page.updated_at = tx.now
    if before is None:
        await tx.insert(page)
    else:
        await tx.update(page)
    await tx.emit(events.page_changed(page), key=page.id)
    after = {"version": page.version, "products": len(product_ids)}
    record_audit(
        tx,
        actor_id,
        "put_page",
        f"page:{slug}",
        before={"version": before.version} if before else None,
        after=after,
    )
    return page


async def _product_ids(tx: Tx, slugs: Sequence[str]) -> list[UUID]:
    found: dict[str, UUID] = dict(
        await tx.all(_IDS, slugs=[slug for slug in slugs if is_slug(slug)])
    )
    for slug in slugs:
        if slug not in found:
            raise InvalidPage("it shows an unknown product", product_slug=slug[:80])
    return [found[slug] for slug in dict.fromkeys(slugs)]
