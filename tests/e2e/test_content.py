"""Merchants write, name and arrange pages, and shoppers and search engines find them."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.shopper import Api, ApiError, Reply


async def _import(staff: Api, slug: str, **fields: Any) -> str:
    """Sells a product for 20 EUR. Returns its id."""
    price = {"price": {"amount_minor": 20_00, "currency": "EUR"}}
    product = {
        "external_id": slug,
        "slug": slug,
        "title": {"en": "Teapot", "de": "Teekanne"},
        "published": True,
        "variants": [{"sku": slug, "prices": [price], "initial_stock": {"": 5}}],
        **fields,
    }
    reply = await staff.call(
        "POST", "/v1/staff/products/import", {"source": "content", "products": [product]}
    )
    return str(reply.body["product_ids"][0])


def _name(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


async def test_a_renamed_product_is_found_under_each_name_it_ever_had(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    old, new, german = _name("pot"), _name("teapot"), _name("kanne")
    product_id = await _import(staff, old)
    await staff.call("PATCH", f"/v1/staff/products/{product_id}", {"slug": new})
    await staff.call(
        "PATCH",
        f"/v1/staff/seo/product/{product_id}",
        {"texts": {"de": {"slug": german, "title": "Teekanne kaufen"}}},
    )

    async def moved(path: str) -> Reply | None:
        reply = await shopper.call("GET", path)
        return reply if reply.status == 301 else None

    async def location(path: str) -> str:
        reply = await eventually(lambda: moved(path), within=10)
        assert reply is not None
        return str(reply.headers["location"])

    assert await location(f"/v1/products/{old}?locale=en") == f"/v1/products/{new}?locale=en"
    german_path = await location(f"/v1/products/{new}?locale=de")
    assert german_path == f"/v1/products/{german}?locale=de"
    page = (await shopper.call("GET", german_path)).body
    assert page["head"]["title"] == "Teekanne kaufen"
    assert {each["locale"] for each in page["head"]["alternates"]} >= {"en", "de", "x-default"}
    assert json.loads(page["head"]["json_ld"][0])["offers"]["price"] == "20.00"


async def test_a_menu_leads_to_what_is_sold(platform: Platform, staff: Api, shopper: Api) -> None:
    slug, code = _name("menu-pot"), _name("menu")
    await _import(staff, slug)
    menu = await staff.call(
        "POST",
        "/v1/staff/menus",
        {
            "code": code,
            "entries": [
                {"depth": 0, "label": {"en": "Kitchen"}},
                {"depth": 1, "target": "product", "value": slug},
            ],
        },
    )

    shown = (await shopper.call("GET", f"/v1/menus/{code}?locale=en")).body

    assert [(each["depth"], each["label"]) for each in shown["entries"]] == [
        (0, "Kitchen"),
        (1, "Teapot"),
    ]
    await staff.call(
        "DELETE", f"/v1/staff/menus/{menu.body['id']}", headers={"If-Match": menu.headers["etag"]}
    )


async def test_a_campaign_s_page_is_written_previewed_published_and_linked(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    slug, page_slug = _name("pot"), _name("summer")
    await _import(staff, slug)
    page = await staff.call(
        "POST",
        "/v1/staff/content-pages",
        {
            "slug": page_slug,
            "kind": "landing",
            "title": {"en": "Summer"},
            "format": "html",
            "body": {"en": "<p>Light<script>alert(1)</script></p>"},
            "sections": [{"kind": "products", "product_slugs": [slug]}],
            "campaign": "summer",
        },
    )
    path = f"/v1/staff/content-pages/{page.body['id']}"
    link = (await staff.call("POST", f"{path}/previews", {"valid_seconds": 600})).body
    draft = await shopper.call("POST", "/v1/page-previews", {"token": link["token"]})
    await staff.call("POST", f"{path}/publish", {})

    async def published() -> Reply | None:
        try:
            return await shopper.call("GET", f"/v1/pages/{page_slug}?locale=en")
        except ApiError:
            return None

    shown = await eventually(published, within=10)
    assert shown is not None
    assert draft.body["body"] == shown.body["body"] == "<p>Light</p>"
    assert [card["slug"] for card in shown.body["sections"][0]["products"]] == [slug]
    assert shown.body["campaign"] == "summer"

    shared = await staff.call(
        "POST",
        "/v1/staff/share-links",
        {"kind": "page", "slug": page_slug, "utm_source": "poster", "utm_campaign": "summer"},
    )
    followed = await shopper.call("GET", shared.body["path"])
    home = (await shopper.call("GET", "/v1/home?locale=en")).body
    assert followed.status == 302
    assert followed.headers["location"].endswith(
        f"/pages/{page_slug}?utm_source=poster&utm_campaign=summer"
    )
    assert isinstance(home["categories"], list)


async def test_search_engines_and_shopping_services_read_what_is_sold(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    slug = _name("feed-pot")
    await _import(staff, slug, images=[{"url": "/teapot.webp", "alt": "A teapot"}])
    await staff.call(
        "PATCH",
        "/v1/staff/storefronts/default",
        {"base_url": "https://shop.example", "disallowed_paths": ["/cart"]},
    )

    async def read(path: str, text: str = "") -> str:
        """Returns a document, once the replica that is asked knows of the change."""

        async def found() -> str | None:
            try:
                body = str((await shopper.call("GET", path)).body)
            except ApiError:
                return None
            return body if text in body else None

        document = await eventually(found, within=10)
        assert document is not None
        return document

    index = await read("/v1/sitemap.xml", "https://shop.example")
    names = re.findall(r"https://shop\.example/sitemaps/(products-[0-9a-f]{32}\.xml)", index)
    files = [await read(f"/v1/sitemaps/{name}") for name in names]
    robots = await read("/v1/robots.txt", "/cart")
    feed = await read("/v1/feeds/google?locale=en&currency=EUR", slug)

    assert "Disallow: /cart" in robots
    assert "Sitemap: https://shop.example/sitemap.xml" in robots
    assert any(f"https://shop.example/en/products/{slug}<" in text for text in files)
    assert f"<g:id>{slug}</g:id>" in feed
    item = feed[feed.index(f"<g:id>{slug}</g:id>") :].partition("</item>")[0]
    assert "<g:price>20.00 EUR</g:price>" in item
    assert "<g:availability>in_stock</g:availability>" in item
