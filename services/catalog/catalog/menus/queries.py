"""Reads of menus, and of what their entries lead to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, tuple_
from sqlmodel import col, select

from catalog.categories.model import Category
from catalog.channels.model import View
from catalog.content_pages.model import Page
from catalog.errors import MenuNotFound
from catalog.listings.model import ListingText
from catalog.menus.model import Menu, MenuTarget
from catalog.products.model import Product
from catalog.seo.model import SeoKind, SeoSetting
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read

_LIST: Final = prepare(
    select(Menu)
    .where(
        or_(bindparam("channel") == "", col(Menu.channel) == bindparam("channel")),
        tuple_(col(Menu.code), col(Menu.id)) > tuple_(bindparam("code"), bindparam("after")),
    )
    .order_by(col(Menu.code), col(Menu.id))
    .limit(bindparam("size"))
)
_SHOWN_PRODUCTS: Final = prepare(
    select(ListingText.product_id, ListingText.slug, ListingText.title).where(
        one_of(ListingText.product_id, "ids"),
        col(ListingText.channel) == bindparam("channel"),
        col(ListingText.locale) == bindparam("locale"),
    )
)
_PAGES: Final = prepare(select(Page).where(one_of(Page.id, "ids")))
_PAGE_SETTINGS: Final = prepare(
    select(SeoSetting).where(
        and_(col(SeoSetting.kind) == SeoKind.PAGE, one_of(SeoSetting.owner_id, "ids"))
    )
)
_PRODUCT_SLUGS: Final = prepare(
    select(Product.id, Product.slug).where(
        one_of(Product.id, "ids"), col(Product.deleted_at).is_(None)
    )
)
_PRODUCTS_OF_SLUG: Final = prepare(
    select(Product.slug, Product.id).where(
        one_of(Product.slug, "slugs"), col(Product.deleted_at).is_(None)
    )
)
_CATEGORY_SLUGS: Final = prepare(
    select(Category.id, Category.slug).where(one_of(Category.id, "ids"))
)
_CATEGORIES_OF_SLUG: Final = prepare(
    select(Category.slug, Category.id).where(one_of(Category.slug, "slugs"))
)
_PAGES_OF_SLUG: Final = prepare(
    select(Page.slug, Page.id).where(
        col(Page.channel) == bindparam("channel"), one_of(Page.slug, "slugs")
    )
)


@dataclass(frozen=True, slots=True)
class ShownTargets:
    """Targets of menus: (slug, title) of products, and pages with their settings."""

    products: dict[UUID, tuple[str, str]]
    pages: dict[UUID, Page]
    settings: dict[UUID, SeoSetting]


async def list_menus(read: Read, channel: str, *, after: tuple[str, UUID], size: int) -> list[Menu]:
    """Returns menus that follow (code, id); of all channels for the empty code."""
    return await read.all(_LIST, channel=channel, code=after[0], after=after[1], size=size)


async def get_menu(read: Read, menu_id: UUID) -> Menu:
    """Returns a menu. Raises MenuNotFound."""
    menu = await read.get(Menu, menu_id)
    if menu is None:
        raise MenuNotFound(id=menu_id)
    return menu


async def shown_targets(read: Read, view: View, menus: Sequence[Menu]) -> ShownTargets:
    """Returns what shoppers of a view see of the products and pages of menus."""
    product_ids = [each for menu in menus for each in menu.owners(MenuTarget.PRODUCT)]
    page_ids = [each for menu in menus for each in menu.owners(MenuTarget.PAGE)]
    products = (
        await read.all(_SHOWN_PRODUCTS, ids=product_ids, channel=view.channel, locale=view.locale)
        if product_ids
        else []
    )
    pages: list[Page] = await read.all(_PAGES, ids=page_ids) if page_ids else []
    settings: list[SeoSetting] = await read.all(_PAGE_SETTINGS, ids=page_ids) if page_ids else []
    return ShownTargets(
        {product_id: (slug, title) for product_id, slug, title in products},
        {page.id: page for page in pages},
        {setting.owner_id: setting for setting in settings},
    )


async def slugs_of_owners(read: Read, menus: Sequence[Menu]) -> dict[UUID, str]:
    """Returns the usual slugs of the categories, products and pages of menus, by id."""
    found: dict[UUID, str] = {}
    for target, statement in (
        (MenuTarget.PRODUCT, _PRODUCT_SLUGS),
        (MenuTarget.CATEGORY, _CATEGORY_SLUGS),
    ):
        if ids := [each for menu in menus for each in menu.owners(target)]:
            found |= dict(await read.all(statement, ids=ids))
    if ids := [each for menu in menus for each in menu.owners(MenuTarget.PAGE)]:
        found |= {page.id: page.slug for page in await read.all(_PAGES, ids=ids)}
    return found


async def owners_of_slugs(
    read: Read, channel: str, slugs: dict[MenuTarget, list[str]]
) -> dict[tuple[MenuTarget, str], UUID]:
    """Returns categories, products and pages of a channel by their usual slugs."""
    found: dict[tuple[MenuTarget, str], UUID] = {}
    if asked := slugs.get(MenuTarget.PRODUCT):
        rows = await read.all(_PRODUCTS_OF_SLUG, slugs=asked)
        found |= {(MenuTarget.PRODUCT, slug): id for slug, id in rows}
    if asked := slugs.get(MenuTarget.CATEGORY):
        rows = await read.all(_CATEGORIES_OF_SLUG, slugs=asked)
        found |= {(MenuTarget.CATEGORY, slug): id for slug, id in rows}
    if asked := slugs.get(MenuTarget.PAGE):
        rows = await read.all(_PAGES_OF_SLUG, channel=channel, slugs=asked)
        found |= {(MenuTarget.PAGE, slug): id for slug, id in rows}
    return found
