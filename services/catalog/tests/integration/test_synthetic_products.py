from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from catalog.synthetic_product import SKU, prepare
from chassis.data.database import Database
from chassis.rpc.auth import SYNTHETIC
from chassis.rpc.errors import Denied, Invalid, NotFound
from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant
from sojourn.catalog.v1 import catalog_pb2 as pb


def a_synthetic_product(**fields: Any) -> pb.ProductInput:
    return a_product("Probe", published=False, synthetic=True, brand="", **fields)


async def offers(
    shop: Replica, *variant_ids: str, authorization: str = "", synthetic: bool = False
) -> list[pb.Offer]:
    request = pb.GetOffersRequest(variant_ids=variant_ids, synthetic=synthetic)
    return list(
        (await shop.ask(shop.catalog.GetOffers, request, authorization=authorization)).offers
    )


def a_shopper(shop: Replica) -> str:
    return "Bearer " + shop.tokens.create("guest", uuid7(), scopes=[SYNTHETIC])


async def test_a_synthetic_product_is_nowhere_to_be_seen(shop: Replica) -> None:
    await shop.import_products(a_product("Raincoat", category_slug="coats"))
    await shop.found("raincoat")

    reply = await shop.import_products(a_synthetic_product())

    # The index has seen it once a product after it is found.
    await shop.import_products(a_product("Parka", category_slug="coats"))
    await shop.found("parka")
    assert (await shop.search("probe")).total_count == 0
    assert (await shop.listing()).total_count == 2
    categories = await shop.ask(shop.catalog.ListCategories, pb.ListCategoriesRequest())
    assert [(category.slug, category.product_count) for category in categories.categories] == [
        ("coats", 2)
    ]
    for asked in ({"id": reply.product_ids[0]}, {"slug": "probe"}):
        with pytest.raises(NotFound):
            await shop.product(**asked)


async def test_it_is_offered_to_synthetic_shoppers_and_nothing_else_is(shop: Replica) -> None:
    real = await shop.variant(stock=5)
    await shop.import_products(
        a_synthetic_product(variants=[a_variant(sku="PROBE", stock=7, price=10_00)])
    )

    for authorization in (a_shopper(shop), shop.tokens.service("cart", "offers.synthetic")):
        (offer,) = await offers(shop, authorization=authorization, synthetic=True)
        named = await offers(
            shop, real, offer.variant_id, authorization=authorization, synthetic=True
        )

        assert (offer.sku, offer.title, offer.price.amount_minor, offer.available) == (
            "PROBE",
            "Probe",
            10_00,
            7,
        )
        assert named == [offer]


async def test_nobody_else_is_offered_it(shop: Replica) -> None:
    await shop.import_products(a_synthetic_product())
    (offer,) = await offers(shop, authorization=a_shopper(shop), synthetic=True)

    for authorization in ("", shop.tokens.guest(), a_shopper(shop)):
        assert await offers(shop, offer.variant_id, authorization=authorization) == []


async def test_who_only_says_to_be_synthetic_is_refused(shop: Replica) -> None:
    for authorization in (
        "",
        shop.tokens.guest(),
        shop.tokens.customer(),
        shop.tokens.staff("catalog.write"),
        shop.tokens.service("cart"),
    ):
        with pytest.raises(Denied) as refusal:
            await offers(shop, authorization=authorization, synthetic=True)
        assert refusal.value.reason == "SCOPE_REQUIRED"


async def test_its_stock_is_reserved_and_given_back_as_any(shop: Replica) -> None:
    await shop.import_products(a_synthetic_product(stock=1))
    (offer,) = await offers(shop, authorization=a_shopper(shop), synthetic=True)

    held = await shop.reserve({offer.variant_id: 1})
    await shop.confirm(held.id)
    assert await shop.counts(offer.variant_id) == (0, 0)
    await shop.release(held.id, restock=True)

    assert await shop.counts(offer.variant_id) == (1, 0)
    with pytest.raises(NotFound):
        await shop.product(slug="probe")


@pytest.mark.parametrize("shown", [{"published": True}, {"category_slug": "probes"}])
async def test_what_is_shown_is_not_synthetic(shop: Replica, shown: dict[str, Any]) -> None:
    product = a_product("Probe", **{"published": False, "synthetic": True, **shown})

    with pytest.raises(Invalid) as refusal:
        await shop.import_products(product)

    assert refusal.value.reason == "INVALID_IMPORT"
    assert not (await shop.ask(shop.catalog.ListCategories, pb.ListCategoriesRequest())).categories


async def test_a_product_that_becomes_synthetic_leaves_the_shop(shop: Replica) -> None:
    product = a_product("Anorak")
    await shop.import_products(product)
    await shop.found("anorak")
    variant_id = (await shop.product("anorak")).variants[0].id

    product.published, product.synthetic = False, True
    await shop.import_products(product)

    assert await offers(shop, variant_id) == []
    assert [
        offer.variant_id
        for offer in await offers(shop, authorization=a_shopper(shop), synthetic=True)
    ] == [variant_id]

    async def gone() -> bool:
        return (await shop.search("anorak")).total_count == 0

    await eventually(gone)


async def test_the_settings_make_one_once(shop: Replica, database: Database) -> None:
    for _ in range(2):
        await prepare(database, shop.directory)

    (offer,) = await offers(shop, authorization=a_shopper(shop), synthetic=True)
    assert (offer.sku, json_format.MessageToDict(offer.price)) == (
        SKU,
        {"amountMinor": "1000", "currency": "EUR"},
    )
    assert offer.available > 0
