"""Categories as staff keep them, and the record of changes."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Exists, Invalid, NotFound, Refused, Stale
from chassis.runtime.clock import uuid7
from chassis.testing import events_of, eventually
from services.catalog.tests.catalog_replica import Replica, a_product
from sojourn.catalog.v1 import category_admin_pb2 as pb
from sojourn.catalog.v1.events_pb2 import CategoryChanged, CategoryDeleted
from sojourn.common.v1.page_pb2 import Page


async def create(shop: Replica, slug: str, parent: str = "", **name: str) -> pb.StaffCategory:
    request = pb.CreateCategoryRequest(
        slug=slug, name=name or {"en": slug.capitalize()}, parent_slug=parent
    )
    return await shop.as_staff(shop.categories.CreateCategory, request)  # type: ignore[no-any-return]


async def update(shop: Replica, id: str, *, version: int = 0, **fields: Any) -> pb.StaffCategory:
    request = pb.UpdateCategoryRequest(
        id=id, update_mask=sorted(fields), expected_version=version, **fields
    )
    return await shop.as_staff(shop.categories.UpdateCategory, request)  # type: ignore[no-any-return]


async def delete(shop: Replica, id: str, reassign_to: str = "") -> None:
    request = pb.DeleteCategoryRequest(id=id, reassign_to=reassign_to)
    await shop.as_staff(shop.categories.DeleteCategory, request)


async def shown(shop: Replica, below: str = "") -> list[tuple[str, int, int]]:
    found = await shop.as_staff(
        shop.categories.ListStaffCategories, pb.ListStaffCategoriesRequest(below=below)
    )
    return [(each.slug, each.depth, each.product_count) for each in found.categories]


async def test_categories_are_made_moved_renamed_and_shown_as_a_tree(
    shop: Replica, database: Database
) -> None:
    outdoor = await create(shop, "outdoor", en="Outdoor", de="Draußen")
    tents = await create(shop, "tents", "outdoor")
    await create(shop, "domes", "tents")
    await create(shop, "sale")
    await shop.import_products(a_product("Dome", category_slug="domes"))
    await shop.found("dome")

    assert await shown(shop) == [
        ("outdoor", 0, 0), ("tents", 1, 0), ("domes", 2, 1), ("sale", 0, 0),
    ]  # fmt: skip
    moved = await update(shop, tents.id, version=1, parent_slug="sale", slug="big-tents")
    assert (moved.parent_slug, moved.slug, moved.version) == ("sale", "big-tents", 2)
    assert await shown(shop, "sale") == [("sale", 0, 0), ("big-tents", 1, 0), ("domes", 2, 1)]
    renamed = await update(shop, outdoor.id, name={"en": "", "fr": "Dehors"})
    assert dict(renamed.name) == {"de": "Draußen", "fr": "Dehors"}

    # Pages follow the tree, which each replica hears of.
    async def is_shown() -> bool:
        crumbs = (await shop.product("dome")).breadcrumbs
        return [crumb.slug for crumb in crumbs] == ["sale", "big-tents", "domes"]

    await eventually(is_shown)
    listing = await shop.listing("sale")
    assert [card.slug for card in listing.products] == ["dome"]
    assert len(await events_of(database, CategoryChanged, tents.id)) == 2
    ordered = await shop.as_staff(
        shop.categories.ReorderCategories, pb.ReorderCategoriesRequest(slugs=["sale"])
    )
    assert [each.slug for each in ordered.categories] == ["sale", "outdoor"]


async def test_a_category_below_itself_is_refused_with_the_way(shop: Replica) -> None:
    outdoor = await create(shop, "outdoor")
    await create(shop, "tents", "outdoor")
    await create(shop, "domes", "tents")

    with pytest.raises(Invalid) as refusal:
        await update(shop, outdoor.id, parent_slug="domes")

    assert refusal.value.reason == "CATEGORY_CYCLE"
    assert refusal.value.metadata["cycle"] == "outdoor > tents > domes > outdoor"
    assert await shown(shop) == [("outdoor", 0, 0), ("tents", 1, 0), ("domes", 2, 0)]


async def test_a_category_that_cannot_be_is_refused(shop: Replica) -> None:
    tents = await create(shop, "tents")

    for slug, parent, name, path in (
        ("No slug", "", {"en": "X"}, "slug"),
        ("x", "moon", {"en": "X"}, "parent_slug"),
        ("x", "", {"english!": "X"}, "name['english!']"),
        ("x", "", {"en": " "}, "name"),
    ):
        with pytest.raises(Invalid) as refusal:
            await create(shop, slug, parent, **name)
        assert (refusal.value.reason, refusal.value.metadata["path"]) == ("INVALID_CATEGORY", path)
    with pytest.raises(Exists):
        await create(shop, "tents")
    with pytest.raises(Stale):
        await update(shop, tents.id, version=9, position=3)
    for attempt in (update(shop, str(uuid7()), position=1), delete(shop, str(uuid7()))):
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(NotFound):
        await shop.as_staff(
            shop.categories.ReorderCategories, pb.ReorderCategoriesRequest(slugs=["moon"])
        )


async def test_a_category_in_use_is_deleted_only_after_its_products_and_children_went(
    shop: Replica, database: Database
) -> None:
    tents = await create(shop, "tents")
    await create(shop, "domes", "tents")
    await create(shop, "camping")
    await shop.import_products(a_product("Mat", category_slug="tents"))
    await shop.found("mat")

    with pytest.raises(Refused) as in_use:
        await delete(shop, tents.id)
    with pytest.raises(Invalid) as cycle:
        await delete(shop, tents.id, "domes")
    await delete(shop, tents.id, "camping")

    assert (in_use.value.metadata["products"], in_use.value.metadata["children"]) == ("1", "1")
    assert cycle.value.reason == "CATEGORY_CYCLE"
    assert await shown(shop) == [("camping", 0, 1), ("domes", 1, 0)]
    page = await shop.product("mat")
    assert [crumb.slug for crumb in page.breadcrumbs] == ["camping"]

    async def is_listed() -> bool:
        return [card.slug for card in (await shop.listing("camping")).products] == ["mat"]

    await eventually(is_listed)
    assert await events_of(database, CategoryDeleted, tents.id) == [
        CategoryDeleted(category_id=tents.id, slug="tents")
    ]


async def test_staff_see_who_changed_what(shop: Replica) -> None:
    tents = await create(shop, "tents")
    await update(shop, tents.id, name={"en": "All tents"})
    await create(shop, "mats")

    async def changes(
        subject: str, token: str = "", size: int = 0
    ) -> pb.ListCatalogChangesResponse:
        request = pb.ListCatalogChangesRequest(subject=subject, page=Page(token=token, size=size))
        return await shop.as_staff(shop.audit.ListCatalogChanges, request)  # type: ignore[no-any-return]

    found = await changes(f"category:{tents.id}")
    assert [each.action for each in found.changes] == ["update_category", "create_category"]
    changed = found.changes[0]
    assert changed.before["name"] == {"en": "Tents"}
    assert changed.after["name"] == {"en": "All tents"}
    assert changed.actor_id
    first = await changes("", size=2)
    rest = await changes("", first.next_page_token, size=2)
    assert [len(first.changes), len(rest.changes), rest.next_page_token] == [2, 1, ""]
    with pytest.raises(Invalid):
        await changes("", "WzFd")
