"""Settings leave the catalogue as files, and come into another one as they were."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from catalog.jobs.model import ORDER, DataKind
from catalog.jobs.wire import KINDS
from chassis.testing import fresh_database
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant, replica
from services.catalog.tests.integration.test_catalog_imports import counts, exported, imported
from sojourn.catalog.v1 import catalog_jobs_pb2 as jobs
from sojourn.catalog.v1 import catalog_pb2 as pb

HOURS = {"day": "monday", "opens": "09:00", "closes": "18:00"}
# One or more records of each kind of settings, in the form in which exports have them.
RECORDS: dict[DataKind, list[dict[str, Any]]] = {
    DataKind.WAREHOUSES: [
        {"code": "north", "name": "North", "country": "SE", "time_zone": "Europe/Stockholm"}
    ],
    DataKind.CHANNELS: [
        {
            "code": "se",
            "name": "Sverige",
            "locales": ["sv-SE", "en"],
            "currencies": ["EUR"],
            "countries": ["SE"],
            "tax_display": "net",
            "warehouses": ["north"],
            "hosts": ["se.shop.example"],
            "price_list": "se",
            "guest_policy": "look",
            "contribution_approval": "buyers",
        },
        {
            "code": "outlet",
            "name": "Outlet",
            "locales": ["sv-SE"],
            "currencies": ["EUR"],
            "countries": ["SE"],
            "tax_display": "net",
            "warehouses": ["north"],
            "price_list": "se",
            "guest_policy": "buy",
            "contribution_approval": "by_hand",
            "metadata": {"erp": {"shop": 7}},
        },
    ],
    DataKind.PRICE_LISTS: [
        {
            "code": "club",
            "name": "Club",
            "channel": "se",
            "currency": "EUR",
            "customer_group": "club",
            "priority": 5,
            "metadata": {"owner": "sales"},
            "valid_from": "2030-01-01T00:00:00Z",
        }
    ],
    DataKind.STOREFRONTS: [
        {
            "channel": "se",
            "storefront": {
                "base_url": "https://se.shop.example",
                "product_path": "/{locale}/p/{slug}",
                "category_path": "/{locale}/c/{slug}",
                "page_path": "/{locale}/pages/{slug}",
                "condition": "used",
                "shipping": [
                    {"country": "SE", "service": "Post", "currency": "EUR", "amount_minor": 490}
                ],
            },
        }
    ],
    DataKind.ATTRIBUTES: [
        {
            "name": "material",
            "kind": "choice",
            "label": {"de": "Material", "en": "Material"},
            "choices": [
                {"code": "wool", "label": {"de": "Wolle", "en": "Wool"}},
                {"code": "silk", "label": {"de": "Seide"}},
            ],
            "is_facet": True,
        },
        {
            "name": "weight",
            "kind": "number",
            "label": {"en": "Weight"},
            "unit": "kg",
            "minimum": "0.5",
            "maximum": "12.5",
            "is_compared": True,
            "position": 2,
        },
    ],
    DataKind.ATTRIBUTE_TEXTS: [
        {"name": "Size", "locale": "de", "label": "Größe", "values": {"S": "klein"}}
    ],
    DataKind.PICKUP_LOCATIONS: [
        {
            "code": "alster",
            "location": {
                "name": "Alster",
                "country": "DE",
                "postal_code": "20354",
                "latitude": 53.5586,
                "longitude": 9.9894,
                "time_zone": "Europe/Berlin",
                "warehouse": "alster",
                "hours": [HOURS],
                "special_hours": [{"date": "2031-12-24", "name": "Heiligabend"}],
                "services": ["wrapping"],
            },
        }
    ],
    DataKind.STOCK_POLICIES: [
        {
            "sku": "SET-2",
            "kind": "preorder",
            "most": 40,
            "expected_at": "2031-05-01T00:00:00Z",
        }
    ],
    DataKind.DIGITAL_GOODS: [
        {"sku": "SET-4", "download_limit": 3, "download_days": 30},
        {"sku": "SET-5", "needs_keys": True, "low_keys_at_most": 2},
    ],
    DataKind.GIFT_CARD_VARIANTS: [
        {"sku": "SET-6", "face_values": [{"amount_minor": 5000, "currency": "EUR"}]}
    ],
    DataKind.BUNDLES: [
        {
            "sku": "SET-3",
            "parts": [
                {"sku": "SET-1", "quantity": 2},
                {"sku": "SET-2", "quantity": 1},
                {"sku": "SET-4", "quantity": 1},
            ],
            "pricing": "sum",
            "discount_basis_points": 1000,
        }
    ],
    DataKind.RELATED_PRODUCTS: [
        {
            "product_slug": "jacket",
            "relation": "accessory",
            "related_product_slugs": ["scarf", "pair"],
        }
    ],
    DataKind.RELATION_RULES: [
        {
            "code": "alike",
            "rule": {
                "relation": "substitute",
                "category_slug": "coats",
                "same_category": True,
                "same_attributes": ["material"],
                "least_price_percent": 50,
                "most": 4,
                "priority": 1,
            },
        }
    ],
    DataKind.PAGES: [
        {
            "channel": "se",
            "slug": "autumn",
            "kind": "landing",
            "format": "html",
            "title": {"en": "Autumn", "sv-SE": "Höst"},
            "body": {"en": "<p>Leaves</p>"},
            "campaign": "autumn",
            "product_slugs": ["scarf"],
            "sections": [
                {"kind": "products", "product_slugs": ["jacket"], "title": {"en": "New"}},
                {"kind": "category", "category_slug": "coats", "limit": 3},
                {"kind": "block", "block": "returns"},
            ],
            "publish_from": "2030-09-01T00:00:00Z",
            "metadata": {"owner": {"team": 4}},
            "draft": {"title": {"en": "Late autumn"}, "format": "markdown"},
        },
        {
            "channel": "se",
            "slug": "returns",
            "kind": "block",
            "format": "markdown",
            "title": {"en": "Returns"},
            "unpublished": True,
        },
    ],
    DataKind.MENUS: [
        {
            "code": "main",
            "channel": "se",
            "locale": "en",
            "entries": [
                {"label": {"en": "All"}},
                {"depth": 1, "target": "category", "value": "coats"},
                {"depth": 1, "target": "page", "value": "autumn"},
                {"depth": 1, "target": "url", "value": "/about", "label": {"en": "About"}},
            ],
        }
    ],
    DataKind.SEO_TEXTS: [
        {
            "kind": "category",
            "slug": "coats",
            "texts": {"de": {"slug": "maentel", "title": "Mäntel"}},
            "hidden": True,
        },
        {
            "kind": "page",
            "channel": "se",
            "slug": "autumn",
            "former_slugs": [{"slug": "fall"}],
        },
        {
            "kind": "product",
            "slug": "jacket",
            "texts": {"de": {"slug": "jacke", "og_image": "https://x.example/j.jpg"}},
            "former_slugs": [{"slug": "old-jacket"}, {"locale": "de", "slug": "die-jacke"}],
        },
    ],
    DataKind.SHARE_LINKS: [
        {
            "code": "fall24",
            "channel": "se",
            "kind": "page",
            "slug": "autumn",
            "utm_source": "poster",
            "utm_campaign": "autumn",
            "expires_at": "2035-01-01T00:00:00Z",
        }
    ],
    DataKind.SYNONYMS: [
        {"code": "coat", "channel": "se", "locale": "en", "phrases": ["coat", "parka"]}
    ],
    DataKind.SEARCH_REDIRECTS: [
        {
            "code": "sale",
            "channel": "se",
            "locale": "en",
            "queries": ["warm things"],
            "target": "category",
            "value": "coats",
        }
    ],
    DataKind.MERCHANDISING_RULES: [
        {
            "code": "winter",
            "channel": "se",
            "category_slug": "coats",
            "is_active": True,
            "starts_at": "2030-11-01T00:00:00Z",
            "pinned_product_slugs": ["scarf", "jacket"],
            "boosted": [{"facet": "material", "value": "wool"}],
            "hidden": [{"product_slug": "pair"}],
        }
    ],
    DataKind.SEARCH_WEIGHTS: [{"channel": "se", "title": 500, "sku": 900, "in_stock": 20}],
}


# Variants that are to be digital goods and a gift card.
UNSENT = ("SET-4", "SET-5", "SET-6")


@pytest.fixture(scope="module")
async def shop() -> AsyncIterator[Replica]:
    async with fresh_database("catalog") as database, replica(database) as ready:
        yield ready


async def with_products(shop: Replica) -> None:
    await shop.import_categories(pb.CategoryInput(slug="coats", name={"en": "Coats"}))
    await shop.import_products(
        a_product(
            "Jacket", slug="jacket", category_slug="coats", variants=[a_variant(sku="SET-1")]
        ),
        a_product("Scarf", slug="scarf", category_slug="coats", variants=[a_variant(sku="SET-2")]),
        a_product("Pair", slug="pair", variants=[a_variant(sku="SET-3", stock=0)]),
        *(
            a_product(sku, slug=sku.lower(), variants=[a_variant(sku=sku, stock=0)])
            for sku in UNSENT
        ),
    )


def lines_of(records: list[dict[str, Any]]) -> bytes:
    return b"".join(
        json.dumps(each, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        for each in records
    )


async def test_every_kind_comes_out_as_it_went_in_and_fills_an_empty_catalogue(
    shop: Replica,
) -> None:
    assert set(ORDER) == set(DataKind)
    for kind in ORDER:
        if kind is DataKind.CATEGORIES:
            await with_products(shop)
        if kind in RECORDS:
            job = await imported(shop, lines_of(RECORDS[kind]), KINDS.encode(kind))
            assert (job.state, counts(job)) == (
                jobs.CATALOG_IMPORT_STATE_DONE,
                (len(RECORDS[kind]), 0, 0, 0),
            ), (kind, job.problems, job.problem)

    files = {kind: await exported(shop, KINDS.encode(kind)) for kind in ORDER}

    for kind, records in RECORDS.items():
        there = files[kind].splitlines()
        assert [each for each in lines_of(records).splitlines() if each not in there] == [], kind
    async with fresh_database("catalog") as database, replica(database) as other:
        for kind in ORDER:
            job = await imported(other, files[kind], KINDS.encode(kind))
            assert (job.state, job.refused) == (jobs.CATALOG_IMPORT_STATE_DONE, 0), (
                kind,
                job.problems,
                job.problem,
            )
        for kind in ORDER:
            again = await imported(other, files[kind], KINDS.encode(kind))
            assert (again.created, again.updated) == (0, 0), kind
        assert {kind: await exported(other, KINDS.encode(kind)) for kind in ORDER} == files


async def test_a_wrong_setting_is_named_with_its_line_column_and_value(shop: Replica) -> None:
    broken = (
        (DataKind.CHANNELS, {"code": "xx", "locales": ["??"]}, "locales[0]", "??"),
        (DataKind.MENUS, {"code": "m", "entries": [{"depth": 3}]}, "entries[0].depth", "3"),
        (
            DataKind.MERCHANDISING_RULES,
            {"code": "r", "pinned_product_slugs": ["none"]},
            "pinned_product_slugs[0]",
            "none",
        ),
        (
            DataKind.ATTRIBUTES,
            {"name": "x", "kind": "choice", "label": {"en": "X"}},
            "choices",
            "",
        ),
        (DataKind.SEO_TEXTS, {"kind": "product", "slug": "none"}, "slug", "none"),
        (DataKind.BUNDLES, {"sku": "NONE", "parts": [{"sku": "A", "quantity": 1}]}, "", ""),
    )
    for kind, record, column, value in broken:
        content = b"\n" + lines_of([record])

        job = await imported(shop, content, KINDS.encode(kind), skips_refused=True)

        assert counts(job) == (0, 0, 0, 1), kind
        (problem,) = job.problems
        assert (problem.line, problem.column, problem.value) == (2, column, value), kind
        assert problem.allowed


async def test_settings_have_no_csv(shop: Replica) -> None:
    job = await imported(shop, "code,name\nnorth,North\n", jobs.CATALOG_DATA_KIND_WAREHOUSES)

    assert (job.state, job.refused) == (jobs.CATALOG_IMPORT_STATE_FAILED, 2)
    assert job.problems[0].column == "json"
