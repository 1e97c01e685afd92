"""Menus: trees that lead to categories, products, pages and URLs."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Exists, Invalid, NotFound, Stale
from chassis.testing import events_of
from services.catalog.tests.catalog_replica import Replica, a_product
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import menus_pb2 as menus
from sojourn.catalog.v1 import product_admin_pb2
from sojourn.catalog.v1.content_events_pb2 import MenuChanged

CATEGORY, PRODUCT = menus.MENU_TARGET_CATEGORY, menus.MENU_TARGET_PRODUCT
PAGE, URL = menus.MENU_TARGET_PAGE, menus.MENU_TARGET_URL


def entry(depth: int, target: Any = 0, value: str = "", **label: str) -> menus.StaffMenuEntry:
    return menus.StaffMenuEntry(depth=depth, target=target, value=value, label=label)


async def create(shop: Replica, *entries: menus.StaffMenuEntry, **fields: str) -> menus.StaffMenu:
    given = menus.MenuInput(**{"code": "main", **fields}, entries=entries)
    request = menus.CreateMenuRequest(menu=given)
    return await shop.as_staff(shop.menu_admin.CreateMenu, request)  # type: ignore[no-any-return]


async def update(shop: Replica, menu: menus.StaffMenu, version: int, **fields: Any) -> Any:
    request = menus.UpdateMenuRequest(
        id=menu.id,
        update_mask=list(fields),
        menu=menus.MenuInput(**fields),
        expected_version=version,
    )
    return await shop.as_staff(shop.menu_admin.UpdateMenu, request)


async def shown(shop: Replica, locale: str = "en") -> list[tuple[int, str, str]]:
    request = menus.GetMenuRequest(code="main", view=pb.View(locale=locale))
    menu = await shop.ask(shop.menus.GetMenu, request)
    return [(each.depth, each.label, each.url) for each in menu.entries]


async def test_a_menu_is_a_tree_in_the_language_of_the_shopper(
    shop: Replica, database: Database
) -> None:
    await shop.import_categories(
        pb.CategoryInput(slug="jackets", name={"en": "Jackets", "de": "Jacken"})
    )
    [product] = (
        await shop.import_products(a_product("Parka", slug="parka", category_slug="jackets"))
    ).product_ids
    await shop.as_staff(shop.admin.PutPage, pb.PutPageRequest(slug="about", title={"en": "About"}))
    menu = await create(
        shop,
        entry(0, en="Shop", de="Laden"),
        entry(1, CATEGORY, "jackets"),
        entry(2, PRODUCT, "parka", en="Our best"),
        entry(0, PAGE, "about"),
        entry(0, URL, "https://help.example", en="Help"),
    )

    assert await shown(shop) == [
        (0, "Shop", ""),
        (1, "Jackets", "/en/categories/jackets"),
        (2, "Our best", "/en/products/parka"),
        (0, "About", "/en/pages/about"),
        (0, "Help", "https://help.example"),
    ]
    assert (await shown(shop, "de"))[1] == (1, "Jacken", "/de/categories/jackets")

    rename = product_admin_pb2.UpdateProductRequest(
        id=product, slug="arctic-parka", update_mask=["slug"]
    )
    await shop.as_staff(shop.products.UpdateProduct, rename)
    assert (await shown(shop))[2] == (2, "Our best", "/en/products/arctic-parka")
    hide = product_admin_pb2.UpdateProductRequest(
        id=product, state=pb.PRODUCT_STATE_HIDDEN, update_mask=["state"]
    )
    await shop.as_staff(shop.products.UpdateProduct, hide)
    assert [label for _, label, _ in await shown(shop)] == ["Shop", "Jackets", "About", "Help"]

    german = await create(shop, entry(0, URL, "/neu", de="Neu"), locale="de")
    assert await shown(shop, "de") == [(0, "Neu", "/neu")]
    changed = await update(shop, menu, 1, entries=[entry(0, CATEGORY, "jackets")])
    with pytest.raises(Stale):
        await update(shop, menu, 1, entries=[])
    listed = await shop.as_staff(shop.menu_admin.ListMenus, menus.ListMenusRequest())
    assert [each.id for each in listed.menus] == [menu.id, german.id]
    assert changed.version == 2
    for each in (menu, german):
        await shop.as_staff(shop.menu_admin.DeleteMenu, menus.DeleteMenuRequest(id=each.id))
    with pytest.raises(NotFound):
        await shown(shop)
    versions = [event.version for event in await events_of(database, MenuChanged)]
    assert versions == [1, 1, 2, 0, 0]


@pytest.mark.parametrize(
    ("entries", "path"),
    [
        ([entry(1, URL, "/a", en="A")], "menu.entries[0].depth"),
        ([entry(0, en="A"), entry(2, URL, "/a", en="A")], "menu.entries[1].depth"),
        ([entry(0, URL, "javascript:alert(1)", en="A")], "menu.entries[0].value"),
        ([entry(0, URL, "/a")], "menu.entries[0].label"),
        ([entry(0, CATEGORY, "hats")], "menu.entries[0].value"),
        ([entry(0, 0, "hats", en="A")], "menu.entries[0].target"),
    ],
)
async def test_a_menu_that_makes_no_sense_is_refused_with_its_place(
    shop: Replica, entries: list[menus.StaffMenuEntry], path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await create(shop, *entries)

    assert refused.value.metadata["path"] == path


async def test_a_code_is_there_once_in_a_channel_and_language(shop: Replica) -> None:
    await create(shop)

    with pytest.raises(Exists):
        await create(shop)
