"""Landing pages."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import UniqueConstraint, bindparam
from sqlmodel import col, select

from catalog.errors import PageNotFound
from catalog.slugs import is_slug
from chassis.data.rows import Field, Row, counter, document
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx


class Page(Row, table=True):
    """A text with products, at a URL part of a channel. Title and body (Markdown) are by locale."""

    __tablename__ = "page"
    __table_args__ = (UniqueConstraint("channel", "slug"),)

    id: UUID = Field(primary_key=True)
    channel: str
    slug: str
    title: dict[str, str] = document(dict[str, str])
    body: dict[str, str] = document(dict[str, str])
    product_ids: list[UUID] = document(list[UUID])
    version: int = counter(default=1)
    updated_at: datetime


_select: Final = select(Page).where(
    col(Page.channel) == bindparam("channel"), col(Page.slug) == bindparam("slug")
)
_OF_SLUG: Final = prepare(_select)
_LOCK: Final = prepare(_select.with_for_update())


async def page_of_slug(read: Read, channel: str, slug: str) -> Page:
    """Raises PageNotFound."""
    page: Page | None = (
        await read.one(_OF_SLUG, channel=channel, slug=slug) if is_slug(slug) else None
    )
    if page is None:
        raise PageNotFound(slug=slug[:80])
    return page


async def lock_page(tx: Tx, channel: str, slug: str) -> Page | None:
    """The page, locked until the end of the transaction, or None."""
    return await tx.one(_LOCK, channel=channel, slug=slug)
