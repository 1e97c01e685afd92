"""Sitemap files of a channel, read a part at a time: sitemaps.org/protocol.html."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from catalog.categories.model import CategoryTree
from catalog.content_pages.model import Page, PageKind
from catalog.errors import SitemapNotFound
from catalog.seo.links import Links, slug_in
from catalog.seo.model import SeoKind, SeoSetting
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read

# The protocol's bounds of one file: addresses, and bytes before compression.
MOST_ADDRESSES: Final = 50_000
MOST_BYTES: Final = 50 * 1024 * 1024
# Of an address and of each of its languages, markup included, at the longest slugs.
_ADDRESS_BYTES: Final = 512
_ALTERNATE_BYTES: Final = 640
PART_SIZE: Final = 500
CATEGORIES: Final = "categories"
PAGES: Final = "pages"
_PRODUCTS: Final = "products-"
_BOUNDARIES: Final = (
    "SELECT product_id FROM (SELECT product_id, row_number() OVER (ORDER BY product_id) AS number"
    " FROM listing WHERE channel = %(channel)s) l WHERE (number - 1) %% %(size)s = 0"
    " ORDER BY product_id"
)
# Slugs by language travel as two arrays.
_PART: Final = (
    "SELECT l.product_id, p.slug, p.updated_at, array_agg(t.locale ORDER BY t.locale),"
    " array_agg(t.slug ORDER BY t.locale)"
    " FROM (SELECT product_id FROM listing WHERE channel = %(channel)s"
    " AND product_id >= %(first)s ORDER BY product_id LIMIT %(size)s) l"
    " JOIN product p ON p.id = l.product_id"
    " JOIN listing_text t ON t.product_id = l.product_id AND t.channel = %(channel)s"
    " LEFT JOIN seo_setting s ON s.kind = 'product' AND s.owner_id = l.product_id"
    " WHERE s.is_hidden IS NOT TRUE"
    " GROUP BY l.product_id, p.slug, p.updated_at ORDER BY l.product_id"
)
_LAST: Final = (
    "SELECT product_id FROM listing WHERE channel = %(channel)s AND product_id >= %(first)s"
    " ORDER BY product_id OFFSET %(size)s LIMIT 1"
)
_LIVE_PAGES: Final = prepare(
    select(Page)
    .where(
        col(Page.channel) == bindparam("channel"),
        col(Page.kind) != PageKind.BLOCK,
        col(Page.id) > bindparam("after"),
    )
    .order_by(col(Page.id))
    .limit(bindparam("size"))
)
_PAGE_SETTINGS: Final = prepare(
    select(SeoSetting).where(
        col(SeoSetting.kind) == SeoKind.PAGE, one_of(SeoSetting.owner_id, "ids")
    )
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in all languages of its channel: (locale, address)."""

    alternates: list[tuple[str, str]]
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Entries of a sitemap file; `next_position` is where it goes on, None at its end.

    A position is the first product and how many of the file were read, or the last page's id.
    """

    entries: list[Entry]
    next_position: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of how many pages a file has the addresses, one a language, and a part of it."""

    pages_of_file: int
    pages_of_part: int = PART_SIZE

    @classmethod
    def of_locales(cls, locales: int) -> "Bounds":
        """Returns the bounds where pages have so many languages.

        Each address names all languages, so that bytes may bound a file before addresses do.
        """
        bytes_of_page = locales * (_ADDRESS_BYTES + locales * _ALTERNATE_BYTES)
        return cls(max(1, min(MOST_ADDRESSES // locales, MOST_BYTES // bytes_of_page)))


async def list_sitemaps(read: Read, links: Links, bounds: Bounds) -> list[str]:
    """Returns the names of the files of a channel; products are parted by their ids."""
    values = {"channel": links.channel.code, "size": bounds.pages_of_file}
    boundaries = await read.fetch(_BOUNDARIES, values)
    return [CATEGORIES, PAGES, *(f"{_PRODUCTS}{first.hex}" for (first,) in boundaries)]


async def read_sitemap(
    read: Read,
    links: Links,
    tree: CategoryTree,
    categories: Mapping[UUID, SeoSetting],
    name: str,
    position: tuple[str, int] | None,
    bounds: Bounds,
) -> Part:
    """Returns a part of a file. Raises SitemapNotFound."""
    name = name.removesuffix(".xml")
    if name == CATEGORIES:
        return Part(list(_category_entries(links, tree, categories)), None)
    if name == PAGES:
        return await _read_pages(read, links, position)
    try:
        first = UUID(name.removeprefix(_PRODUCTS))
    except ValueError:
        raise SitemapNotFound(name=name) from None
    return await _read_products(read, links, first, position, bounds)


async def _read_products(
    read: Read, links: Links, first: UUID, position: tuple[str, int] | None, bounds: Bounds
) -> Part:
    most = bounds.pages_of_file
    start, done = (UUID(position[0]), position[1]) if position else (first, 0)
    size = min(bounds.pages_of_part, most - done)
    if size <= 0:
        return Part([], None)
    values = {"channel": links.channel.code, "first": start, "size": size}
    rows = await read.fetch(_PART, values)
    following = await read.fetch_one(_LAST, values)
    entries = [
        Entry(
            _alternates(links, SeoKind.PRODUCT, slug, dict(zip(locales, slugs, strict=True))),
            changed_at,
        )
        for _, slug, changed_at, locales, slugs in rows
    ]
    is_end = following is None or done + size >= most
    return Part(entries, None if is_end or following is None else (str(following[0]), done + size))


async def _read_pages(read: Read, links: Links, position: tuple[str, int] | None) -> Part:
    after = UUID(position[0]) if position else UUID(int=0)
    rows: list[Page] = await read.all(
        _LIVE_PAGES, channel=links.channel.code, after=after, size=PART_SIZE + 1
    )
    shown = rows[:PART_SIZE]
    settings: list[SeoSetting] = await read.all(_PAGE_SETTINGS, ids=[page.id for page in shown])
    by_page = {setting.owner_id: setting for setting in settings}
    entries = [
        Entry(
            _alternates(links, SeoKind.PAGE, page.slug, setting.slugs if setting else {}),
            page.updated_at,
        )
        for page in shown
        if page.is_live(read.now)
        for setting in [by_page.get(page.id)]
        if setting is None or not setting.is_hidden
    ]
    return Part(entries, (str(shown[-1].id), 0) if len(rows) > PART_SIZE else None)


def _category_entries(
    links: Links, tree: CategoryTree, settings: Mapping[UUID, SeoSetting]
) -> Iterator[Entry]:
    for category in tree.in_order:
        setting = settings.get(category.id)
        if setting is None or not setting.is_hidden:
            slugs = setting.slugs if setting else {}
            yield Entry(_alternates(links, SeoKind.CATEGORY, category.slug, slugs))


def _alternates(
    links: Links, kind: SeoKind, usual: str, slugs: Mapping[str, str]
) -> list[tuple[str, str]]:
    locales: Sequence[str] = links.channel.locales
    return [(locale, links.page(kind, slug_in(slugs, locale, usual), locale)) for locale in locales]
