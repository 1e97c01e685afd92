"""Reads of settings for search engines and of storefronts."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from catalog.categories.model import Category
from catalog.channels.model import Channels
from catalog.content_pages.model import Page
from catalog.errors import SeoOwnerNotFound
from catalog.products.model import Product
from catalog.seo.model import SeoKind, SeoSet, SeoSetting, Storefront
from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import prepare
from chassis.data.tx import Read

_LOOP: Final = Loop("seo_settings")
_VERSION: Final = prepare(select(SeoSet.version))
_OF_KIND: Final = prepare(
    select(SeoSetting)
    .where(
        col(SeoSetting.kind) == bindparam("kind"),
        col(SeoSetting.owner_id) > bindparam("after"),
    )
    .order_by(col(SeoSetting.owner_id))
    .limit(bindparam("size"))
)


async def seo_version(read: Read) -> int:
    """Returns the version of all storefronts and settings of categories together."""
    return await read.one(_VERSION) or 0


async def all_storefronts(read: Read) -> dict[str, Storefront]:
    """Returns storefronts by channel, of the channels that have one."""
    rows = await find_readable(
        read, Storefront, select(Storefront).order_by(col(Storefront.channel)), loop=_LOOP
    )
    return {row.channel: row for row in rows}


async def category_settings(read: Read) -> dict[UUID, SeoSetting]:
    """Returns settings by category, of the categories that have one."""
    of_categories = select(SeoSetting).where(col(SeoSetting.kind) == SeoKind.CATEGORY)
    rows = await find_readable(
        read, SeoSetting, of_categories.order_by(col(SeoSetting.owner_id)), loop=_LOOP
    )
    return {row.owner_id: row for row in rows}


async def list_seo_settings(
    read: Read, kind: SeoKind, *, after: UUID, size: int
) -> list[SeoSetting]:
    """Returns settings of a kind that follow an owner, by owner."""
    return await read.all(_OF_KIND, kind=kind, after=after, size=size)


async def get_storefront(read: Read, channels: Channels, code: str) -> Storefront:
    """Returns a storefront; at version 0 where none was set. Raises UnknownChannel."""
    channel = channels.channel(code).code
    return await read.get(Storefront, channel) or Storefront(channel=channel, version=0)


async def usual_slug(read: Read, kind: SeoKind, owner_id: UUID) -> tuple[str, str]:
    """Returns the usual URL part of an owner, and the channel of a page.

    Raises SeoOwnerNotFound.
    """
    match kind:
        case SeoKind.PRODUCT:
            product = await read.get(Product, owner_id)
            if product is not None and product.deleted_at is None:
                return product.slug, ""
        case SeoKind.CATEGORY:
            category = await read.get(Category, owner_id)
            if category is not None:
                return category.slug, ""
        case SeoKind.PAGE:
            page = await read.get(Page, owner_id)
            if page is not None:
                return page.slug, page.channel
    raise SeoOwnerNotFound(owner_id=owner_id)


async def usual_slug_holder(read: Read, kind: SeoKind, channel: str, slug: str) -> UUID | None:
    """Returns the product, category or page that has a usual URL part."""
    match kind:
        case SeoKind.PRODUCT:
            found = await read.fetch_one("SELECT id FROM product WHERE slug = %s", [slug])
        case SeoKind.CATEGORY:
            found = await read.fetch_one("SELECT id FROM category WHERE slug = %s", [slug])
        case SeoKind.PAGE:
            found = await read.fetch_one(
                "SELECT id FROM page WHERE channel = %s AND slug = %s", [channel, slug]
            )
    return found[0] if found else None
