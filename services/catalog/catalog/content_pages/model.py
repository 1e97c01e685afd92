"""Content pages, their versions, and their schedule."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import Boolean, Index, LargeBinary, Text, UniqueConstraint, bindparam, text
from sqlmodel import col, select

from catalog.errors import PageNotFound
from catalog.slugs import is_slug
from chassis.data.rows import Field, Row, code, column, counter, document, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx


class PageKind(StrEnum):
    """Kinds of content pages."""

    PAGE = "page"
    LANDING = "landing"
    HOME = "home"
    BLOCK = "block"


class PageFormat(StrEnum):
    """Forms of bodies; HTML is safe."""

    MARKDOWN = "markdown"
    HTML = "html"


class SectionKind(StrEnum):
    """Kinds of parts of pages."""

    TEXT = "text"
    IMAGE = "image"
    PRODUCTS = "products"
    CATEGORY = "category"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page; texts are by language. `limit` is how many products of the category."""

    kind: SectionKind
    title: dict[str, str] = field(default_factory=dict)
    html: dict[str, str] = field(default_factory=dict)
    image_url: str = ""
    image_alt: dict[str, str] = field(default_factory=dict)
    link_url: str = ""
    product_ids: list[UUID] = field(default_factory=list)
    category_id: UUID | None = None
    limit: int = 0
    block: str = ""


@dataclass(frozen=True, slots=True)
class PageContent:
    """All that a version of a page holds; texts are by language."""

    title: dict[str, str]
    body: dict[str, str]
    product_ids: list[UUID]
    format: PageFormat = PageFormat.MARKDOWN
    sections: list[Section] = field(default_factory=list)
    campaign: str = ""


class Page(Row, table=True):
    """A text with products, at a URL part of a channel, as it is published.

    Title and body are by locale. `number` is the newest version, `published_number` the one that is
    here; both are 0 for a page that an older release wrote. `preview_key` signs preview links.
    """

    __tablename__ = "page"
    __table_args__ = (
        UniqueConstraint("channel", "slug"),
        states("kind", PageKind),
        states("format", PageFormat),
        Index("page_home", "channel", unique=True, postgresql_where=text("kind = 'home'")),
    )

    id: UUID = Field(primary_key=True)
    channel: str
    slug: str
    title: dict[str, str] = document(dict[str, str])
    body: dict[str, str] = document(dict[str, str])
    product_ids: list[UUID] = document(list[UUID])
    version: int = counter(default=1)
    updated_at: datetime
    kind: PageKind = code(PageKind, default=PageKind.PAGE, server_default="'page'")
    format: PageFormat = code(PageFormat, default=PageFormat.MARKDOWN, server_default="'markdown'")
    sections: list[Section] = document(list[Section], default_factory=list, server_default="'[]'")
    campaign: str = column(Text, default="", server_default="''")
    is_published: bool = column(Boolean, default=True, server_default="TRUE")
    publish_from: datetime | None = None
    publish_until: datetime | None = None
    number: int = counter(default=0, server_default="0")
    published_number: int = counter(default=0, server_default="0")
    preview_key: bytes | None = column(LargeBinary, default=None, nullable=True, repr=False)
    own_data: dict[str, JsonValue] = document(
        dict[str, JsonValue], default_factory=dict, server_default="'{}'"
    )

    def is_live(self, now: datetime) -> bool:
        """Returns whether shoppers see it."""
        return (
            self.is_published
            and (self.publish_from is None or self.publish_from <= now)
            and (self.publish_until is None or now < self.publish_until)
        )

    @property
    def content(self) -> PageContent:
        """Returns what is published."""
        return PageContent(
            title=self.title,
            body=self.body,
            product_ids=self.product_ids,
            format=self.format,
            sections=self.sections,
            campaign=self.campaign,
        )

    def with_content(self, content: PageContent, **changes: Any) -> "Page":
        """Returns the page with published content."""
        return self.copy_row(
            title=content.title,
            body=content.body,
            product_ids=content.product_ids,
            format=content.format,
            sections=content.sections,
            campaign=content.campaign,
            **changes,
        )


class PageVersion(Row, table=True):
    """A version of a page's content. Never changed.

    `rolled_back_to` is the version whose content it took up again; 0 for new content.
    """

    __tablename__ = "page_version"

    page_id: UUID = Field(primary_key=True, foreign_key="page.id")
    number: int = counter(primary_key=True)
    content: PageContent = document(PageContent)
    actor_id: UUID
    created_at: datetime
    rolled_back_to: int = counter(default=0)


_select: Final = select(Page).where(
    col(Page.channel) == bindparam("channel"), col(Page.slug) == bindparam("slug")
)
_OF_SLUG: Final = prepare(_select)
_LOCK: Final = prepare(_select.with_for_update())
_HOME: Final = prepare(
    select(Page).where(col(Page.channel) == bindparam("channel"), col(Page.kind) == PageKind.HOME)
)
_BLOCKS: Final = prepare(
    select(Page).where(
        col(Page.channel) == bindparam("channel"),
        one_of(Page.slug, "slugs"),
        col(Page.kind) == PageKind.BLOCK,
    )
)


async def page_of_slug(read: Read, channel: str, slug: str) -> Page:
    """Returns a page that shoppers see. Raises PageNotFound."""
    page: Page | None = (
        await read.one(_OF_SLUG, channel=channel, slug=slug) if is_slug(slug) else None
    )
    if page is None or page.kind is PageKind.BLOCK or not page.is_live(read.now):
        raise PageNotFound(slug=slug[:80])
    return page


async def home_page(read: Read, channel: str) -> Page | None:
    """Returns the home page of a channel that shoppers see, or None."""
    page: Page | None = await read.one(_HOME, channel=channel)
    return page if page is not None and page.is_live(read.now) else None


async def live_blocks(read: Read, channel: str, slugs: Sequence[str]) -> dict[str, Page]:
    """Returns blocks that shoppers see, by slug."""
    if not slugs:
        return {}
    rows: list[Page] = await read.all(_BLOCKS, channel=channel, slugs=list(slugs))
    return {page.slug: page for page in rows if page.is_live(read.now)}


async def lock_page(tx: Tx, channel: str, slug: str) -> Page | None:
    """The page, locked until the end of the transaction, or None."""
    return await tx.one(_LOCK, channel=channel, slug=slug)
