"""Price lists: for whom and when, on pages, in listings, in searches and in offers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from catalog.directory import Directory
from catalog.prices.actions import apply_price_list, create_price_list
from catalog.prices.model import PriceList
from chassis.data.database import Database
from chassis.data.timers import ScheduledTimer
from chassis.rpc.errors import Denied, Exists, Invalid, NotFound, Refused, Stale
from chassis.runtime.clock import uuid7
from chassis.testing import eur, events_of, eventually
from services.catalog.tests.catalog_replica import (
    Replica,
    a_product,
    a_variant,
    forget_events,
)
from sojourn.catalog.v1 import catalog_pb2
from sojourn.catalog.v1 import prices_pb2 as pb
from sojourn.catalog.v1.events_pb2 import ProductChanged
from sojourn.catalog.v1.stock_events_pb2 import PriceListChanged
from sojourn.common.v1.money_pb2 import Money


async def create(shop: Replica, code: str = "sale", **fields: Any) -> pb.PriceList:
    return await shop.as_staff(  # type: ignore[no-any-return]
        shop.prices.CreatePriceList, pb.CreatePriceListRequest(code=code, **fields)
    )


async def update(shop: Replica, code: str = "sale", **fields: Any) -> pb.PriceList:
    return await shop.as_staff(  # type: ignore[no-any-return]
        shop.prices.UpdatePriceList, pb.UpdatePriceListRequest(code=code, **fields)
    )


async def put(shop: Replica, *prices: pb.PriceChange, code: str = "sale") -> pb.SetPricesResponse:
    return await shop.as_staff(  # type: ignore[no-any-return]
        shop.prices.SetPrices, pb.SetPricesRequest(code=code, prices=prices)
    )


def a_change(amount: int, *, sku: str = "TEA", before: int = 0, **fields: Any) -> pb.PriceChange:
    change = pb.PriceChange(sku=sku, price=eur_of(amount), **fields)
    if before:
        change.compare_at.CopyFrom(eur_of(before))
    return change


def eur_of(amount_minor: int, currency: str = "EUR") -> Money:
    return Money(amount_minor=amount_minor, currency=currency)


async def price_of(shop: Replica, variant_id: str) -> int:
    return (await shop.offers(variant_id)).offers[0].price.amount_minor  # type: ignore[no-any-return]


async def page_of(shop: Replica, variant_id: str) -> catalog_pb2.Product:
    return await shop.product(id=(await shop.offers(variant_id)).offers[0].product_id)


async def test_a_sale_shows_on_every_path_and_ends(shop: Replica, database: Database) -> None:
    await shop.import_products(a_product("Green Tea", variants=[a_variant(sku="TEA", price=10_00)]))
    variant_id = (await shop.product("green-tea")).variants[0].id
    await create(shop)
    await forget_events(database)

    await put(shop, a_change(8_00, before=10_00))

    async def shown() -> list[int]:
        # Listings and searches follow an import within moments.
        cards = [*(await shop.listing()).products, *(await shop.search("tea")).products]
        return [
            (await page_of(shop, variant_id)).variants[0].price.amount_minor,
            *(card.price_from.amount_minor for card in cards),
            await price_of(shop, variant_id),
        ]

    async def shows(amount: int) -> bool:
        return await shown() == [amount] * 4

    await eventually(lambda: shows(8_00), within=15)
    variant = (await page_of(shop, variant_id)).variants[0]
    assert (variant.compare_at, variant.lowest_recent_price) == (eur(10_00), eur(10_00))
    # A list that begins while its products are published publishes them once more.
    assert {each.slug for each in await events_of(database, ProductChanged)} == {"green-tea"}
    assert [each.version for each in await events_of(database, PriceListChanged)] == [2]
    await update(shop, active=False)
    await eventually(lambda: shows(10_00), within=15)


async def test_a_scheduled_list_begins_and_ends_on_time(shop: Replica, database: Database) -> None:
    variant_id = await shop.variant(stock=5, sku="TEA", price=10_00)
    now = database.clock.now()
    begins, ends = now + timedelta(hours=1), now + timedelta(hours=2)
    await create(shop, valid_from=begins, valid_to=ends)
    await put(shop, a_change(7_00))

    async def both() -> tuple[int, int]:
        page = (await page_of(shop, variant_id)).variants[0].price.amount_minor
        return page, await price_of(shop, variant_id)

    async def are(amount: int) -> bool:
        return await both() == (amount, amount)

    assert await both() == (10_00, 10_00)
    database.clock.shift_to(3_601)
    assert await price_of(shop, variant_id) == 7_00
    await eventually(lambda: are(7_00), within=15)
    database.clock.shift_to(7_201)
    await eventually(lambda: are(10_00), within=15)


async def test_a_list_that_begins_while_its_products_are_published_publishes_them_again(
    database: Database,
) -> None:
    begins = database.clock.now() - timedelta(minutes=1)
    async with database.tx() as tx:
        context = await Directory().context(tx)
        sale = PriceList(code="sale", channel="", tax_included=True, valid_from=begins)
        await create_price_list(tx, context.channels, sale)
    async with database.tx() as tx:
        since = begins - timedelta(minutes=1)
        assert not await apply_price_list(tx, context, "sale", last=uuid7(), since=since)
    async with database.read() as read:
        assert await read.all(select(ScheduledTimer.due_at)) == [begins]


async def test_prices_of_an_audience_are_for_it_alone(shop: Replica) -> None:
    variant_id = await shop.variant(stock=5, sku="TEA", price=10_00)
    acme = uuid7()
    await create(shop, "trade", customer_group="trade")
    await create(shop, "acme", organization_id=str(acme))
    await put(shop, a_change(9_00), code="trade")
    await put(shop, a_change(12_00), code="acme")
    cart = shop.tokens.service("cart", "offers.personal")

    async def offered(authorization: str = "", **buyer: str) -> int:
        request = catalog_pb2.GetOffersRequest(variant_ids=[variant_id], **buyer)  # type: ignore[arg-type]
        reply = await shop.ask(shop.catalog.GetOffers, request, authorization=authorization)
        return reply.offers[0].price.amount_minor  # type: ignore[no-any-return]

    assert await offered() == 10_00
    assert await offered(cart, customer_group="trade") == 9_00
    assert await offered(cart, organization_id=str(acme)) == 12_00
    assert await offered(cart, organization_id=str(acme), customer_group="trade") == 12_00
    assert await offered(cart, organization_id=str(uuid7()), customer_group="vip") == 10_00
    assert (await page_of(shop, variant_id)).variants[0].price.amount_minor == 10_00
    with pytest.raises(Denied):
        await offered(customer_group="trade", authorization=shop.tokens.guest())


async def test_tiers_are_on_the_page_and_in_the_offer(shop: Replica) -> None:
    variant_id = await shop.variant(stock=50, sku="TEA", price=10_00)
    await create(shop)
    tiers = [
        pb.QuantityPrice(min_quantity=20, price=eur_of(6_00)),
        pb.QuantityPrice(min_quantity=10, price=eur_of(8_00)),
    ]
    await put(shop, a_change(9_00, tiers=tiers))

    offer = (await shop.offers(variant_id)).offers[0]
    variant = (await page_of(shop, variant_id)).variants[0]

    expected = [(10, 8_00), (20, 6_00)]
    assert [(each.min_quantity, each.price.amount_minor) for each in offer.tiers] == expected
    assert [(each.min_quantity, each.price.amount_minor) for each in variant.tiers] == expected
    listed = await shop.as_staff(shop.prices.ListPrices, pb.ListPricesRequest(code="sale"))
    assert [(each.sku, len(each.tiers)) for each in listed.prices] == [("TEA", 2)]
    await put(shop, pb.PriceChange(sku="TEA", price=eur_of(0), removed=True))
    assert await price_of(shop, variant_id) == 10_00


@pytest.mark.parametrize(
    ("change", "reason", "path"),
    [
        (a_change(-1), "INVALID_PRICE", "prices[1].price.amount_minor"),
        (a_change(10**12 + 1), "AMOUNT_TOO_LARGE", "prices[1].price"),
        (a_change(5, before=5), "INVALID_PRICE", "prices[1].compare_at.amount_minor"),
        (a_change(5, sku="NONE"), "UNKNOWN_SKU", "prices[1].sku"),
        (a_change(5, sku="CUP"), "INVALID_PRICE", "prices[1]"),
        (
            pb.PriceChange(sku="TEA", price=eur_of(5, "JPY")),
            "UNSUPPORTED_CURRENCY",
            "prices[1].price.currency",
        ),
        (
            a_change(5, tiers=[pb.QuantityPrice(min_quantity=3, price=eur_of(4, "USD"))]),
            "INVALID_PRICE",
            "prices[1].tiers[0].price.currency",
        ),
        (
            a_change(5, tiers=[pb.QuantityPrice(min_quantity=3, price=eur_of(4))] * 2),
            "INVALID_PRICE",
            "prices[1].tiers[1].min_quantity",
        ),
    ],
)
async def test_a_wrong_price_is_refused_with_its_place(
    shop: Replica, change: pb.PriceChange, reason: str, path: str
) -> None:
    cup = await shop.variant(stock=5, sku="CUP", price=10_00)
    await shop.variant(stock=5, sku="TEA", price=10_00)
    await create(shop)

    with pytest.raises(Invalid) as refusal:
        await put(shop, a_change(1, sku="CUP"), change)

    assert refusal.value.reason == reason
    assert refusal.value.metadata["path"].startswith(path)
    assert await price_of(shop, cup) == 10_00


async def test_what_makes_no_list_is_refused(shop: Replica) -> None:
    made = await create(shop, currency="EUR")
    for fields, path in (
        ({"currency": "JPY"}, "currency"),
        ({"organization_id": str(UUID(int=5)), "customer_group": "vip"}, "customer_group"),
    ):
        with pytest.raises(Invalid) as refusal:
            await create(shop, "other", **fields)
        assert refusal.value.metadata["path"] == path
    with pytest.raises(Exists):
        await create(shop)
    with pytest.raises(Stale):
        await update(shop, priority=3, expected_version=made.version + 1)
    with pytest.raises(Invalid) as backwards:
        await update(shop, valid_from="2026-02-01T00:00:00Z", valid_to="2026-01-01T00:00:00+01:00")
    with pytest.raises(Invalid) as local:
        await update(shop, valid_to="2026-01-01T00:00:00")
    with pytest.raises(Invalid):
        await update(shop, "default", priority=7)
    with pytest.raises(Refused) as own:
        await shop.as_staff(shop.prices.DeletePriceList, pb.DeletePriceListRequest(code="default"))
    with pytest.raises(NotFound):
        await put(shop, a_change(1), code="none")

    assert [each.value.metadata["path"] for each in (backwards, local)] == ["valid_to"] * 2
    assert own.value.reason == "PRICE_LIST_IN_USE"


async def test_a_deleted_list_has_no_effect_any_more(shop: Replica) -> None:
    variant_id = await shop.variant(stock=5, sku="TEA", price=10_00)
    await create(shop)
    await put(shop, a_change(8_00))

    for _ in range(2):
        await shop.as_staff(shop.prices.DeletePriceList, pb.DeletePriceListRequest(code="sale"))

    assert (await page_of(shop, variant_id)).variants[0].price.amount_minor == 10_00
    assert await price_of(shop, variant_id) == 10_00
    found = await shop.as_staff(shop.prices.ListPriceLists, pb.ListPriceListsRequest())
    assert [(each.code, each.in_effect) for each in found.price_lists] == [("default", True)]


async def test_pages_and_lists_show_members_of_a_group_what_they_pay(shop: Replica) -> None:
    await shop.import_products(a_product("Green Tea", variants=[a_variant(sku="TEA", price=10_00)]))
    await create(shop, "trade", customer_group="trade")
    tiers = [pb.QuantityPrice(min_quantity=5, price=eur_of(7_00))]
    await put(shop, a_change(9_00, before=9_50, tiers=tiers), code="trade")
    await shop.found("tea")
    member = shop.tokens.customer(group="trade")

    page = await shop.ask(
        shop.catalog.GetProduct,
        catalog_pb2.GetProductRequest(slug="green-tea"),
        authorization=member,
    )
    listing = await shop.ask(
        shop.catalog.ListProducts, catalog_pb2.ListProductsRequest(), authorization=member
    )
    found = await shop.ask(
        shop.catalog.SearchProducts,
        catalog_pb2.SearchProductsRequest(query="tea"),
        authorization=member,
    )

    variant = page.variants[0]
    assert (variant.price, variant.compare_at) == (eur(9_00), eur(9_50))
    assert [(each.min_quantity, each.price) for each in variant.tiers] == [(5, eur(7_00))]
    assert [each.products[0].price_from for each in (listing, found)] == [eur(9_00)] * 2
    assert (await shop.product("green-tea")).variants[0].price == eur(10_00)


async def test_an_import_leaves_prices_of_other_lists_to_staff(shop: Replica) -> None:
    tea = a_product("Green Tea", variants=[a_variant(sku="TEA", price=10_00)])
    await shop.import_products(tea)
    await create(shop)
    await put(shop, a_change(8_00))
    tea.brand = "Another"

    await shop.import_products(tea)

    variant = (await shop.product("green-tea")).variants[0]
    assert variant.price == eur(8_00)
