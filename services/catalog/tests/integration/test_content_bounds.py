"""Bounds of products, pages and stock: what is beyond one is refused with its place."""

from typing import Any

import pytest

from catalog.content_pages.drafts import MOST_BYTES
from catalog.products import drafts
from chassis.data.database import Database
from chassis.rpc.errors import Invalid
from services.catalog.tests.catalog_replica import Replica, a_price, a_product, a_variant
from sojourn.catalog.v1 import catalog_pb2 as pb

TOO_LARGE: list[tuple[dict[str, Any], str, int]] = [
    ({"description": {"en": "x" * 3_500_000}}, "description['en']", drafts.MOST_BYTES),
    ({"description": {"en": "x" * (drafts.MOST_DESCRIPTION + 1)}}, "description['en']",
    drafts.MOST_DESCRIPTION),
    ({"description": {f"d{a}{b}": "x" * 60_000 for a in "abcd" for b in "abcde"}}, "product",
    drafts.MOST_BYTES),
    ({"title": {"en": "x" * 501}}, "title", 500),
    ({"brand": "x" * 256}, "brand", 255),
    ({"seo_description": "x" * 1_001}, "seo_description", 1_000),
    ({"tags": ["x"] * 251}, "tags", 250),
    ({"attributes": {f"n{n}": "x" for n in range(101)}}, "attributes", 100),
    ({"images": [pb.Image(url="/a.png")] * 251}, "images", 250),
    ({"images": [pb.Image(url="/a.png", alt="x" * 501)]}, "images[0].alt", 500),
    ({"title": {f"d{chr(97 + n // 26)}{chr(97 + n % 26)}": "x" for n in range(51)}}, "title", 50),
    ({"variants": [a_variant(**{f"o{n}": "x" for n in range(11)})]}, "variants[0].options", 10),
    ({"variants": [pb.VariantInput(prices=[a_price()] * 201)]}, "variants[0].prices", 200),
    ({"variants": [pb.VariantInput(prices=[a_price()], weight_grams=10**8 + 1)]},
    "variants[0].weight_grams", 10**8),
    ({"variants": [pb.VariantInput(prices=[a_price()], volume_cm3=10**8 + 1)]},
    "variants[0].volume_cm3", 10**8),
    ({"variants": [pb.VariantInput(prices=[a_price()], increment=10**6 + 1)]},
    "variants[0].increment", 10**6),
    ({"variants": [a_variant(stock=10**9 + 1)]}, "variants[0].initial_stock['']", 10**9),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "path", "most"), TOO_LARGE)
async def test_a_product_beyond_a_bound_is_refused_with_line_path_and_what_is_allowed(
    shop: Replica, database: Database, fields: dict[str, Any], path: str, most: int
) -> None:
    with pytest.raises(Invalid) as refusal:
        await shop.import_products(a_product(), a_product(**fields))

    told = refusal.value.metadata
    assert (refusal.value.reason, told["line"], told["path"], told["most"]) == (
        "INVALID_IMPORT",
        "2",
        path,
        str(most),
    )
    async with database.read() as read:
        assert await read.fetch("SELECT 1 FROM product") == []


@pytest.mark.parametrize(
    ("fields", "path", "rule", "allowed"),
    [
        ({"title": {"en": "x" * 501}}, "title.en", "string.max_len", "500"),
        (
            {"title": {"en": "x"}, "body": {"en": "x" * 65_537}},
            "body.en",
            "string.max_len",
            "65536",
        ),
        (
            {"title": {"en": "x"}, "product_slugs": ["x"] * 201},
            "product_slugs",
            "repeated.max_items",
            "200",
        ),
        ({}, "title", "map.min_pairs", "1"),
    ],
)
async def test_a_page_beyond_a_bound_is_refused_with_path_and_what_is_allowed(
    shop: Replica, fields: dict[str, Any], path: str, rule: str, allowed: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await shop.as_staff(shop.admin.PutPage, pb.PutPageRequest(slug="large", **fields))

    assert (refusal.value.reason, refusal.value.metadata) == (
        "INVALID_FIELD",
        {"path": path, "rule": rule, "allowed": allowed},
    )


async def test_a_page_of_too_many_bytes_in_all_languages_is_refused(shop: Replica) -> None:
    request = pb.PutPageRequest(
        slug="large", title={"en": "x"}, body={f"d{n}": "x" * 60_000 for n in "abcde"}
    )

    with pytest.raises(Invalid) as refusal:
        await shop.as_staff(shop.admin.PutPage, request)

    assert (refusal.value.reason, refusal.value.metadata) == (
        "INVALID_PAGE",
        {"path": "body", "most": str(MOST_BYTES)},
    )


async def test_stock_beyond_the_bound_is_refused(shop: Replica) -> None:
    await shop.import_products(a_product(variants=[a_variant(sku="S")]))

    with pytest.raises(Invalid) as refusal:
        await shop.set_stock("S", 10**9 + 1)

    assert refusal.value.reason == "INVALID_FIELD"
    assert refusal.value.metadata == {"path": "on_hand", "rule": "int64.lte", "allowed": str(10**9)}
