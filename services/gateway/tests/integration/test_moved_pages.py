"""Pages that were renamed: 301 with the new path, and no touchpoint of the old one."""

from __future__ import annotations

from services.gateway.tests.gateway_shop import a_shop


async def test_a_renamed_product_is_301_with_its_new_path_and_the_same_query() -> None:
    async with a_shop() as shop:
        shop.catalog.moved["parka"] = "arctic-parka"

        moved = await shop.client.get("/v1/products/parka?locale=de&currency=EUR")
        there = await shop.client.get(moved.headers["Location"])
        bare = await shop.client.get("/v1/products/parka")

    assert moved.status_code == 301
    assert moved.headers["Location"] == "/v1/products/arctic-parka?locale=de&currency=EUR"
    assert "Accept-Language" in moved.headers["Vary"]
    assert moved.content == b""
    assert (there.status_code, there.json()["slug"]) == (200, "arctic-parka")
    assert bare.headers["Location"] == "/v1/products/arctic-parka"
