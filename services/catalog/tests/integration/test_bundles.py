"""Bundles: their stock is that of their parts, and their price can follow these."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import fresh_database
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant, replica
from sojourn.catalog.v1 import bundles_pb2 as pb
from sojourn.catalog.v1 import prices_pb2
from sojourn.common.v1.line_item_pb2 import (
    AVAILABILITY_IN_STOCK,
    AVAILABILITY_LOW_STOCK,
    AVAILABILITY_OUT_OF_STOCK,
)
from sojourn.common.v1.money_pb2 import Money


@pytest.fixture(scope="module")
async def database() -> AsyncIterator[Database]:
    async with fresh_database("catalog") as database:
        yield database


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Replica]:
    async with replica(database) as ready:
        yield ready


async def a_set(
    shop: Replica, name: str, *, cups: int = 20, pots: int = 7, discount: int = 0
) -> str:
    """Makes a bundle of two cups and a pot. Returns the id of its variant."""
    for part, stock, price in (("cup", cups, 5_00), ("pot", pots, 20_00)):
        variant = a_variant(sku=f"{name}-{part}", stock=stock, price=price)
        await shop.import_products(a_product(part, slug=f"{name}-{part}", variants=[variant]))
    variant = a_variant(sku=f"{name}-set", stock=0, price=99_00)
    await shop.import_products(a_product("Set", slug=f"{name}-set", variants=[variant]))
    await put(shop, name, discount=discount)
    return (await shop.product(f"{name}-set")).variants[0].id


async def put(shop: Replica, name: str, *, discount: int = 0) -> pb.Bundle:
    request = pb.PutBundleRequest(
        sku=f"{name}-set",
        parts=[
            pb.BundlePart(sku=f"{name}-cup", quantity=2),
            pb.BundlePart(sku=f"{name}-pot", quantity=1),
        ],
        pricing=pb.BUNDLE_PRICING_SUM if discount else pb.BUNDLE_PRICING_OWN,
        discount_basis_points=discount,
    )
    return await shop.as_staff(shop.bundles.PutBundle, request)  # type: ignore[no-any-return]


async def variant_id(shop: Replica, slug: str) -> str:
    return (await shop.product(slug)).variants[0].id


async def test_a_bundle_is_there_as_often_as_its_scarcest_part(shop: Replica) -> None:
    bundle = await a_set(shop, "tea")

    page = (await shop.product("tea-set")).variants[0]
    assert page.availability == AVAILABILITY_IN_STOCK
    assert [(part.sku, part.quantity) for part in page.parts] == [("tea-cup", 2), ("tea-pot", 1)]
    assert (await shop.offers(bundle)).offers[0].available == 7
    await shop.set_stock("tea-cup", 9)
    assert (await shop.offers(bundle)).offers[0].available == 4
    assert (await shop.product("tea-set")).variants[0].availability == AVAILABILITY_LOW_STOCK
    await shop.set_stock("tea-pot", 0)
    assert (await shop.product("tea-set")).variants[0].availability == AVAILABILITY_OUT_OF_STOCK


async def test_an_order_of_a_bundle_takes_its_parts_all_or_none(shop: Replica) -> None:
    bundle = await a_set(shop, "all", cups=20, pots=3)
    cup, pot = await variant_id(shop, "all-cup"), await variant_id(shop, "all-pot")

    with pytest.raises(DomainError) as refused:
        await shop.reserve({bundle: 4})
    assert refused.value.reason == "OUT_OF_STOCK"
    assert (refused.value.metadata["variant_id"], refused.value.metadata["available"]) == (
        bundle,
        "3",
    )
    assert await shop.counts(cup) == (20, 0)

    id = str(uuid7())
    await shop.reserve({bundle: 2, cup: 1}, reservation_id=id)
    await shop.reserve({bundle: 2, cup: 1}, reservation_id=id)
    assert (await shop.counts(cup), await shop.counts(pot)) == ((20, 5), (3, 2))
    await shop.confirm(id)
    assert (await shop.counts(cup), await shop.counts(pot)) == ((15, 0), (1, 0))
    await shop.release(id, restock=True)
    assert (await shop.counts(cup), await shop.counts(pot)) == ((20, 0), (3, 0))


async def test_a_price_of_a_sum_follows_the_parts(shop: Replica) -> None:
    bundle = await a_set(shop, "sum", discount=1_000)

    offer = (await shop.offers(bundle)).offers[0]
    assert (offer.price.amount_minor, offer.compare_at.amount_minor) == (27_00, 30_00)
    change = prices_pb2.PriceChange(sku="sum-cup", price=Money(amount_minor=10_00, currency="EUR"))
    lists = await shop.as_staff(shop.prices.ListPriceLists, prices_pb2.ListPriceListsRequest())
    code = lists.price_lists[0].code
    await shop.as_staff(
        shop.prices.SetPrices, prices_pb2.SetPricesRequest(code=code, prices=[change])
    )
    page = (await shop.product("sum-set", currency="EUR")).variants[0]
    assert page.price.amount_minor == 36_00


async def test_a_bundle_that_makes_no_sense_is_refused_by_its_place(shop: Replica) -> None:
    await a_set(shop, "odd")
    for parts, sku, path in (
        ([("odd-set", 1)], "odd-set", "parts[0].sku"),
        ([("odd-cup", 1), ("odd-cup", 2)], "odd-set", "parts[1].sku"),
        ([("odd-pot", 1)], "odd-cup", "sku"),
        ([("no-such", 1)], "odd-set", "parts[0].sku"),
    ):
        request = pb.PutBundleRequest(
            sku=sku, parts=[pb.BundlePart(sku=part, quantity=count) for part, count in parts]
        )
        with pytest.raises(DomainError) as refused:
            await shop.as_staff(shop.bundles.PutBundle, request)
        assert refused.value.metadata["path"] == path

    again = await put(shop, "odd")
    assert again.version == 1
    await shop.as_staff(shop.bundles.DeleteBundle, pb.DeleteBundleRequest(sku="odd-set"))
    with pytest.raises(DomainError) as gone:
        await shop.as_staff(shop.bundles.GetBundle, pb.GetBundleRequest(sku="odd-set"))
    assert gone.value.reason == "BUNDLE_NOT_FOUND"
    page = (await shop.product("odd-set")).variants[0]
    assert page.availability == AVAILABILITY_OUT_OF_STOCK
