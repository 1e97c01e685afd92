"""Content pages: drafts, versions, schedules, previews, and the home page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import DomainError, Exists, Invalid, NotFound, Stale
from chassis.testing import events_of
from services.catalog.tests.catalog_replica import Replica, a_product
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import content_pb2 as content
from sojourn.catalog.v1 import menus_pb2
from sojourn.catalog.v1.content_events_pb2 import PageDeleted, PageDraftChanged
from sojourn.catalog.v1.events_pb2 import PageChanged


async def create(shop: Replica, slug: str = "summer", **fields: Any) -> content.StaffPage:
    given = content.PageInput(**{"slug": slug, "title": {"en": "Summer"}, **fields})
    request = content.CreatePageRequest(page=given)
    return await shop.as_staff(shop.pages.CreatePage, request)  # type: ignore[no-any-return]


async def update(
    shop: Replica, page: content.StaffPage, version: int = 0, **fields: Any
) -> content.StaffPage:
    request = content.UpdatePageRequest(
        id=page.id,
        update_mask=list(fields),
        page=content.PageInput(**fields),
        expected_version=version,
    )
    return await shop.as_staff(shop.pages.UpdatePage, request)  # type: ignore[no-any-return]


async def publish(shop: Replica, page: content.StaffPage, **fields: Any) -> content.StaffPage:
    request = content.PublishPageRequest(id=page.id, **fields)
    return await shop.as_staff(shop.pages.PublishPage, request)  # type: ignore[no-any-return]


async def shown(shop: Replica, slug: str = "summer", **view: str) -> pb.ContentPage:
    request = pb.GetPageRequest(slug=slug, view=pb.View(**view))
    return await shop.ask(shop.catalog.GetPage, request)  # type: ignore[no-any-return]


async def preview(shop: Replica, token: str) -> pb.ContentPage:
    request = content.GetPagePreviewRequest(token=token)
    return await shop.ask(shop.content.GetPagePreview, request)  # type: ignore[no-any-return]


async def test_shoppers_see_the_version_that_was_published(
    shop: Replica, database: Database
) -> None:
    page = await create(shop, body={"en": "First"})
    with pytest.raises(NotFound):
        await shown(shop)

    await publish(shop, page)
    second = await update(shop, page, body={"en": "Second"}, title={"de": "Sommer"})
    assert (second.number, second.published_number) == (2, 1)
    assert (await shown(shop)).body == "First"

    published = await publish(shop, page)
    assert published.live
    assert (await shown(shop, locale="de")).title == "Sommer"
    assert (await shown(shop)).body == "Second"

    back = content.RollBackPageRequest(id=page.id, number=1)
    rolled = await shop.as_staff(shop.pages.RollBackPage, back)
    assert (rolled.number, dict(rolled.body)) == (3, {"en": "First"})
    assert (await shown(shop)).body == "Second"
    await publish(shop, page)
    assert (await shown(shop)).body == "First"

    versions = await shop.as_staff(
        shop.pages.ListPageVersions, content.ListPageVersionsRequest(id=page.id)
    )
    assert [(each.number, each.rolled_back_to) for each in versions.versions] == [
        (3, 1),
        (2, 0),
        (1, 0),
    ]
    with pytest.raises(Stale):
        await update(shop, page, 1, campaign="x")
    await shop.as_staff(shop.pages.UnpublishPage, content.UnpublishPageRequest(id=page.id))
    with pytest.raises(NotFound):
        await shown(shop)
    await shop.as_staff(shop.pages.DeletePage, content.DeletePageRequest(id=page.id))
    with pytest.raises(NotFound):
        await update(shop, page, campaign="x")
    assert len(await events_of(database, PageDraftChanged)) == 3
    assert len(await events_of(database, PageChanged)) == 4
    assert len(await events_of(database, PageDeleted)) == 1


async def test_a_page_is_shown_from_a_time_until_another(shop: Replica) -> None:
    page = await create(shop)
    start = shop.clock.now() + timedelta(hours=1)
    request = content.PublishPageRequest(id=page.id)
    request.publish_from.FromDatetime(start)
    request.publish_until.FromDatetime(start + timedelta(hours=1))
    planned = await shop.as_staff(shop.pages.PublishPage, request)
    assert not planned.live
    with pytest.raises(NotFound):
        await shown(shop)

    wrong = content.PublishPageRequest(id=page.id)
    wrong.publish_from.FromDatetime(start)
    wrong.publish_until.FromDatetime(start - timedelta(minutes=1))
    with pytest.raises(Invalid) as refused:
        await shop.as_staff(shop.pages.PublishPage, wrong)
    assert refused.value.metadata["path"] == "publish_until"


async def test_a_preview_link_shows_a_draft_to_those_who_have_it(shop: Replica) -> None:
    page = await create(shop, body={"en": "Draft"})
    link = await shop.as_staff(
        shop.pages.CreatePagePreview, content.CreatePagePreviewRequest(id=page.id)
    )
    await update(shop, page, body={"en": "Later"})

    seen = await preview(shop, link.token)
    assert (seen.body, seen.head.indexed) == ("Draft", False)
    assert link.preview_url.endswith(f"/pages/summer#preview={link.token}")
    forged = link.token[:-2] + ("AA" if not link.token.endswith("AA") else "BB")
    for token in (forged, "AAAA", link.token[:-4]):
        with pytest.raises(NotFound):
            await preview(shop, token)


async def test_a_page_shows_products_a_category_a_picture_and_a_block(shop: Replica) -> None:
    await shop.import_categories(pb.CategoryInput(slug="jackets", name={"en": "Jackets"}))
    await shop.import_products(
        a_product("Parka", slug="parka", category_slug="jackets"), a_product("Tent", slug="tent")
    )
    block = await create(
        shop,
        "note",
        kind=pb.PAGE_KIND_BLOCK,
        format=pb.PAGE_FORMAT_HTML,
        body={"en": "<p onclick='x'>Free returns</p><script>alert(1)</script>"},
    )
    await publish(shop, block)
    sections = [
        content.StaffPageSection(
            kind=pb.PAGE_SECTION_KIND_TEXT, html={"en": "<h2>Hi</h2><iframe src='x'></iframe>"}
        ),
        content.StaffPageSection(kind=pb.PAGE_SECTION_KIND_PRODUCTS, product_slugs=["tent"]),
        content.StaffPageSection(kind=pb.PAGE_SECTION_KIND_CATEGORY, category_slug="jackets"),
        content.StaffPageSection(kind=pb.PAGE_SECTION_KIND_IMAGE, image_url="/summer.webp"),
        content.StaffPageSection(kind=pb.PAGE_SECTION_KIND_BLOCK, block="note"),
    ]
    page = await create(shop, "home", kind=pb.PAGE_KIND_HOME, sections=sections, campaign="sun")
    await publish(shop, page)
    menu = menus_pb2.MenuInput(
        code="main",
        entries=[menus_pb2.StaffMenuEntry(target=menus_pb2.MENU_TARGET_CATEGORY, value="jackets")],
    )
    await shop.as_staff(shop.menu_admin.CreateMenu, menus_pb2.CreateMenuRequest(menu=menu))

    home = await shop.ask(shop.content.GetHome, content.GetHomeRequest())

    text, products, category, image, note = home.page.sections
    assert text.html == "<h2>Hi</h2>"
    assert [card.slug for card in products.products] == ["tent"]
    assert category.category.name == "Jackets"
    assert [card.slug for card in category.products] == ["parka"]
    assert image.image.url == "/summer.webp"
    assert note.html == "<p>Free returns</p>"
    assert home.page.campaign == "sun"
    assert [menu.code for menu in home.menus] == ["main"]
    assert [each.slug for each in home.categories] == ["jackets"]
    with pytest.raises(NotFound):
        await shown(shop, "note")
    with pytest.raises(Invalid):
        await create(shop, "other-home", kind=pb.PAGE_KIND_HOME)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"title": {}}, "page.title"),
        ({"slug": "Not-a-slug-"}, "page.slug"),
        ({"product_slugs": ["nothing"]}, "page.product_slugs[0]"),
        (
            {"sections": [content.StaffPageSection(kind=pb.PAGE_SECTION_KIND_TEXT)]},
            "page.sections[0].html",
        ),
        (
            {
                "sections": [
                    content.StaffPageSection(
                        kind=pb.PAGE_SECTION_KIND_CATEGORY, category_slug="nothing"
                    )
                ]
            },
            "page.sections[0].category_slug",
        ),
    ],
)
async def test_a_page_that_makes_no_sense_is_refused_with_its_place(
    shop: Replica, fields: dict[str, Any], path: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await create(shop, **fields)

    assert refused.value.metadata["path"].startswith(path)


async def test_a_renamed_page_leads_to_its_new_name(shop: Replica) -> None:
    page = await create(shop)
    await publish(shop, page)
    await create(shop, "winter")
    with pytest.raises(Exists):
        await update(shop, page, slug="winter")
    await update(shop, page, slug="sun")

    with pytest.raises(NotFound) as moved:
        await shown(shop, "summer")

    assert moved.value.metadata["slug"] == "sun"
    assert (await shown(shop, "sun")).head.canonical == "/en/pages/sun"


async def test_a_page_of_an_older_release_keeps_its_text_as_its_first_version(
    shop: Replica,
) -> None:
    put = pb.PutPageRequest(slug="about", title={"en": "About"}, body={"en": "Old"})
    await shop.as_staff(shop.admin.PutPage, put)
    async with shop.database.tx() as tx:
        await tx.run("DELETE FROM page_version")
        await tx.run("UPDATE page SET number = 0, published_number = 0")
    [page] = (await shop.as_staff(shop.pages.ListStaffPages, content.ListStaffPagesRequest())).pages

    changed = await update(shop, page, body={"en": "New"})
    old = await shop.as_staff(
        shop.pages.RollBackPage, content.RollBackPageRequest(id=page.id, number=1)
    )

    assert (changed.number, changed.published_number) == (2, 1)
    assert (await shown(shop, "about")).body == "Old"
    assert dict(old.body) == {"en": "Old"}
