"""Landing pages."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.errors import PageNotFound
from catalog.slugs import is_slug
from chassis.data.rows import Row
from chassis.data.tx import Read, Tx


@dataclass(kw_only=True)
class Page(Row, table="page"):
    """A text with products, at a URL part of a channel. Title and body (Markdown) are by locale."""

    id: UUID
    channel: str
    slug: str
    title: dict[str, str]
    body: dict[str, str]
    product_ids: list[str]
    version: int = 1
    updated_at: datetime


async def page_of_slug(read: Read, channel: str, slug: str) -> Page:
    """Raises PageNotFound."""
    page = await read.find_one(Page, "WHERE channel = %s AND slug = %s", [channel, slug]) if is_slug(slug) else None
    if page is None:
        raise PageNotFound(slug=slug[:80])
    return page


async def lock_page(tx: Tx, channel: str, slug: str) -> Page | None:
    """The page, locked until the end of the transaction, or None."""
    return await tx.find_one(Page, "WHERE channel = %s AND slug = %s FOR UPDATE", [channel, slug])
