"""Reads of pages as staff keep them, and of what their parts show."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, or_, tuple_
from sqlmodel import col, select

from catalog.content_pages.model import Page, PageContent, PageKind, PageVersion
from catalog.errors import PageNotFound, PageVersionNotFound
from catalog.products.model import Product
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read

_LIST: Final = prepare(
    select(Page)
    .where(
        or_(bindparam("channel") == "", col(Page.channel) == bindparam("channel")),
        or_(bindparam("kind") == "", col(Page.kind) == bindparam("kind")),
        tuple_(col(Page.slug), col(Page.id)) > tuple_(bindparam("slug"), bindparam("after")),
    )
    .order_by(col(Page.slug), col(Page.id))
    .limit(bindparam("size"))
)
_VERSIONS: Final = prepare(
    select(PageVersion)
    .where(
        col(PageVersion.page_id) == bindparam("page_id"),
        col(PageVersion.number) < bindparam("before"),
    )
    .order_by(col(PageVersion.number).desc())
    .limit(bindparam("size"))
)
_SLUGS: Final = prepare(
    select(Product.id, Product.slug).where(
        one_of(Product.id, "ids"), col(Product.deleted_at).is_(None)
    )
)


async def list_pages(
    read: Read, *, channel: str, kind: PageKind | None, after: tuple[str, UUID], size: int
) -> list[Page]:
    """Returns pages that follow (slug, id), of all channels or kinds where none is named."""
    return await read.all(
        _LIST,
        channel=channel,
        kind=kind.value if kind else "",
        slug=after[0],
        after=after[1],
        size=size,
    )


async def get_page(read: Read, page_id: UUID) -> Page:
    """Returns a page, published or not. Raises PageNotFound."""
    page = await read.get(Page, page_id)
    if page is None:
        raise PageNotFound(id=page_id)
    return page


async def content_of(read: Read, page: Page, number: int = 0) -> PageContent:
    """Returns the content of a version, of the newest for 0. Raises PageVersionNotFound.

    A page that an older release wrote has what is published, as its version 1.
    """
    asked = number or page.number
    if page.number == 0 and asked in (0, 1):
        return page.content
    version = await read.get(PageVersion, page.id, asked)
    if version is None:
        raise PageVersionNotFound(number=asked)
    return version.content


async def list_versions(read: Read, page_id: UUID, *, before: int, size: int) -> list[PageVersion]:
    """Returns versions below a number, the newest first."""
    return await read.all(_VERSIONS, page_id=page_id, before=before, size=size)


async def slugs_of_products(read: Read, contents: Iterable[PageContent]) -> dict[UUID, str]:
    """Returns the slugs of the products that contents name, by id; deleted ones are left out."""
    ids: set[UUID] = set()
    for content in contents:
        ids.update(content.product_ids)
        for section in content.sections:
            ids.update(section.product_ids)
    return dict(await read.all(_SLUGS, ids=sorted(ids))) if ids else {}


def product_ids_of(contents: Sequence[PageContent]) -> list[UUID]:
    """Returns the products that contents name, each once."""
    found: dict[UUID, None] = {}
    for content in contents:
        for product_id in content.product_ids:
            found[product_id] = None
        for section in content.sections:
            for product_id in section.product_ids:
                found[product_id] = None
    return list(found)
