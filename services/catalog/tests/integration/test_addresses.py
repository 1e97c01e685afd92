"""Addresses: what was renamed leads to its new name, in every language."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.errors import SlugMoved
from chassis.data.database import Database
from chassis.rpc.errors import DomainError, Exists, NotFound, Stale
from chassis.testing import events_of, eventually
from services.catalog.tests.catalog_replica import Replica, a_product
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import category_admin_pb2, product_admin_pb2
from sojourn.catalog.v1 import seo_pb2 as seo
from sojourn.catalog.v1.content_events_pb2 import SeoSettingChanged


async def update(shop: Replica, owner_id: str, version: int = 0, **fields: Any) -> seo.SeoSetting:
    request = seo.UpdateSeoSettingRequest(
        **{"kind": seo.SEO_KIND_PRODUCT, **fields},
        owner_id=owner_id,
        update_mask=[name for name in fields if name != "kind"],
        expected_version=version,
    )
    return await shop.as_staff(shop.seo.UpdateSeoSetting, request)  # type: ignore[no-any-return]


async def rename(shop: Replica, product_id: str, slug: str) -> None:
    request = product_admin_pb2.UpdateProductRequest(id=product_id, slug=slug, update_mask=["slug"])
    await shop.as_staff(shop.products.UpdateProduct, request)


async def moved_to(shop: Replica, slug: str, **view: str) -> str:
    with pytest.raises(NotFound) as refused:
        await shop.product(slug, **view)
    assert refused.value.reason == SlugMoved.reason
    return refused.value.metadata["slug"]


async def test_a_renamed_product_leads_to_its_new_name_until_another_takes_the_old_one(
    shop: Replica,
) -> None:
    [first] = (await shop.import_products(a_product(slug="parka"))).product_ids
    await rename(shop, first, "arctic-parka")
    await rename(shop, first, "polar-parka")

    assert await moved_to(shop, "parka") == "polar-parka"
    assert await moved_to(shop, "arctic-parka") == "polar-parka"

    [second] = (await shop.import_products(a_product(slug="parka"))).product_ids
    assert (await shop.product("parka")).id == second
    await rename(shop, second, "city-parka")

    assert await moved_to(shop, "parka") == "city-parka"


async def test_a_product_has_a_name_in_each_language_and_they_lead_to_each_other(
    shop: Replica, database: Database
) -> None:
    [product] = (await shop.import_products(a_product(slug="rain-jacket"))).product_ids
    [other] = (await shop.import_products(a_product(slug="windbreaker"))).product_ids
    made = await update(shop, product, texts={"de": seo.SeoText(slug="regenjacke")})

    german = await shop.product("regenjacke", locale="de")
    english = await shop.product("rain-jacket", locale="en")
    assert (german.slug, english.slug) == ("regenjacke", "rain-jacket")
    assert await moved_to(shop, "rain-jacket", locale="de") == "regenjacke"
    assert await moved_to(shop, "regenjacke", locale="en") == "rain-jacket"
    with pytest.raises(Exists):
        await update(shop, other, texts={"de": seo.SeoText(slug="regenjacke")})
    with pytest.raises(Exists):
        await update(shop, other, texts={"de": seo.SeoText(slug="rain-jacket")})
    with pytest.raises(Exists):
        await rename(shop, other, "regenjacke")
    with pytest.raises(Stale):
        await update(shop, product, 7, hidden=True)

    await update(shop, product, texts={"de": seo.SeoText(slug="regenmantel")})
    assert await moved_to(shop, "regenjacke", locale="de") == "regenmantel"
    kept = await shop.as_staff(
        shop.seo.GetSeoSetting,
        seo.GetSeoSettingRequest(kind=seo.SEO_KIND_PRODUCT, owner_id=product),
    )
    assert [(each.locale, each.slug) for each in kept.former_slugs] == [("de", "regenjacke")]
    assert (made.version, kept.version) == (1, 2)
    assert len(await events_of(database, SeoSettingChanged)) == 2


async def test_a_page_says_its_address_its_languages_and_its_texts(shop: Replica) -> None:
    await shop.import_categories(pb.CategoryInput(slug="jackets", name={"en": "Jackets"}))
    given = a_product("Rain Jacket", slug="rain-jacket", category_slug="jackets")
    [product] = (await shop.import_products(given)).product_ids
    await shop.as_staff(
        shop.seo.UpdateStorefront,
        seo.UpdateStorefrontRequest(
            code="default",
            update_mask=["base_url", "organization_name"],
            storefront=seo.StorefrontInput(
                base_url="https://shop.example", organization_name="Northfell"
            ),
        ),
    )
    await update(shop, product, texts={"de": seo.SeoText(slug="regenjacke", title="Trocken")})

    german = (await shop.product("regenjacke", locale="de")).head
    english = (await shop.product("rain-jacket", locale="en")).head
    listing = (await shop.listing("jackets")).head

    assert german.canonical == "https://shop.example/de/products/regenjacke"
    addresses = {each.locale: each.url for each in english.alternates}
    assert addresses == {each.locale: each.url for each in german.alternates}
    assert addresses["de"] == german.canonical
    assert addresses["en"] == english.canonical == "https://shop.example/en/products/rain-jacket"
    assert addresses["x-default"] in (german.canonical, english.canonical)
    assert german.title == german.open_graph.title == "Trocken"
    assert english.title == "Rain Jacket"
    assert english.description == "A rain jacket for every day."
    assert (english.open_graph.type, english.open_graph.site_name) == ("product", "Northfell")
    assert english.indexed
    assert listing.canonical == "https://shop.example/en/categories/jackets"
    kinds = [json.loads(each)["@type"] for each in english.json_ld]
    assert kinds == ["Product", "BreadcrumbList", "Organization"]


async def test_a_category_and_a_page_lead_to_their_names(shop: Replica) -> None:
    created = await shop.as_staff(
        shop.categories.CreateCategory,
        category_admin_pb2.CreateCategoryRequest(slug="coats", name={"en": "Coats"}),
    )
    await shop.as_staff(
        shop.categories.UpdateCategory,
        category_admin_pb2.UpdateCategoryRequest(
            id=created.id, slug="jackets", update_mask=["slug"]
        ),
    )
    await update(
        shop,
        created.id,
        kind=seo.SEO_KIND_CATEGORY,
        texts={"de": seo.SeoText(slug="jacken", title="Jacken")},
    )

    async def moved(slug: str, locale: str) -> str:
        with pytest.raises(DomainError) as refused:
            await shop.listing(slug, view=pb.View(locale=locale))
        return refused.value.metadata.get("slug", "")

    assert await moved("coats", "en") == "jackets"
    assert await moved("coats", "de") == "jacken"
    assert (await shop.listing("jacken", view=pb.View(locale="de"))).head.title == "Jacken"
    assert await moved("jacken", "en") == "jackets"
    with pytest.raises(NotFound):
        await shop.listing("hats")


async def test_crumbs_and_categories_have_the_url_parts_of_the_reader_s_language(
    shop: Replica,
) -> None:
    await shop.import_categories(
        pb.CategoryInput(slug="clothing", name={"en": "Clothing"}),
        pb.CategoryInput(slug="jackets", name={"en": "Jackets"}, parent_slug="clothing"),
    )
    await shop.import_products(a_product("Parka", slug="parka", category_slug="jackets"))
    await shop.found("parka")
    view = pb.View(locale="de")
    categories = await shop.ask(shop.catalog.ListCategories, pb.ListCategoriesRequest(view=view))
    ids = {each.slug: each.id for each in categories.categories}
    for slug, german in (("clothing", "kleidung"), ("jackets", "jacken")):
        texts = {"de": seo.SeoText(slug=german)}
        await update(shop, ids[slug], kind=seo.SEO_KIND_CATEGORY, texts=texts)

    async def in_german() -> pb.Product | None:
        page = await shop.product("parka", locale="de")
        return page if page.breadcrumbs[0].slug == "kleidung" else None

    page = await eventually(in_german)
    assert page is not None
    listing = await shop.listing("jacken", view=view)
    top = await shop.listing("kleidung", view=view)
    listed = await shop.ask(shop.catalog.ListCategories, pb.ListCategoriesRequest(view=view))
    english = await shop.product("parka", locale="en")

    assert [each.slug for each in page.breadcrumbs] == ["kleidung", "jacken"]
    assert [each.slug for each in listing.breadcrumbs] == ["kleidung", "jacken"]
    assert (listing.category.slug, listing.category.parent_slug) == ("jacken", "kleidung")
    assert [each.slug for each in top.children] == ["jacken"]
    assert {(each.slug, each.parent_slug) for each in listed.categories} == {
        ("kleidung", ""),
        ("jacken", "kleidung"),
    }
    assert [each.slug for each in english.breadcrumbs] == ["clothing", "jackets"]
