"""Merchants write, name and arrange pages, and shoppers and search engines find them."""

from __future__ import annotations

import json
import uuid
from typing import Any

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.shopper import Api, Reply


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
