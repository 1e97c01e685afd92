"""Backorders and preorders: sold before they are there, up to a limit, and never more."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.reservations import model as reservations
from chassis.data.database import Database
from chassis.rpc.errors import DomainError, Invalid, Refused, Stale
from services.catalog.tests.catalog_replica import Replica
from services.catalog.tests.integration.test_stock_ledger import a_line, level, require_ledger
from sojourn.catalog.v1 import catalog_pb2
from sojourn.catalog.v1 import stock_admin_pb2 as pb
from sojourn.common.v1.line_item_pb2 import (
    AVAILABILITY_BACKORDER,
    AVAILABILITY_OUT_OF_STOCK,
    AVAILABILITY_PREORDER,
)

ARRIVAL = datetime(2030, 3, 1, 8, tzinfo=UTC)


async def policy(
    shop: Replica,
    kind: pb.StockPolicyKind.ValueType = pb.STOCK_POLICY_KIND_BACKORDER,
    *,
    most: int = 10,
    expected_at: datetime | None = ARRIVAL,
    **fields: Any,
) -> pb.StockPolicy:
    request = pb.PutStockPolicyRequest(sku="TEA", kind=kind, most=most, **fields)
    if expected_at:
        request.expected_at.FromDatetime(expected_at)
    return await shop.as_staff(shop.stock_admin.PutStockPolicy, request)  # type: ignore[no-any-return]


async def seen(shop: Replica) -> pb.StockPolicy:
    return await shop.as_staff(  # type: ignore[no-any-return]
        shop.stock_admin.GetStockPolicy, pb.GetStockPolicyRequest(sku="TEA")
    )


async def order(shop: Replica, variant_id: str, quantity: int) -> str:
    held = await shop.reserve({variant_id: quantity})
    await shop.confirm(held.id)
    return held.id


async def test_what_is_not_there_is_sold_up_to_the_limit(shop: Replica, database: Database) -> None:
    variant_id = await shop.variant(stock=2, sku="TEA")
    await policy(shop, most=3)

    await order(shop, variant_id, 4)
    held = await shop.reserve({variant_id: 1})
    with pytest.raises(Refused) as refusal:
        await shop.reserve({variant_id: 1})

    assert refusal.value.metadata["available"] == "0"
    assert ((await seen(shop)).owed, (await seen(shop)).reserved) == (2, 1)
    assert (await level(shop, "TEA")).on_hand == 0
    await shop.release(held.id)
    assert (await shop.offers(variant_id)).offers[0].available == 1
    await require_ledger(database)


async def test_the_page_and_the_offer_say_that_it_comes_later(shop: Replica) -> None:
    variant_id = await shop.variant(stock=1, sku="TEA")
    await policy(shop, pb.STOCK_POLICY_KIND_PREORDER, most=5)
    await order(shop, variant_id, 1)

    offer = (await shop.offers(variant_id)).offers[0]
    variant = (await shop.product(id=offer.product_id)).variants[0]

    assert (offer.available, offer.available_now, offer.promise) == (5, 0, AVAILABILITY_PREORDER)
    assert offer.expected_at.ToDatetime(UTC) == ARRIVAL
    assert variant.availability == AVAILABILITY_PREORDER
    assert variant.expected_at.ToDatetime(UTC) == ARRIVAL
    await policy(shop, expected_at=None)
    variant = (await shop.product(id=offer.product_id)).variants[0]
    assert (variant.availability, variant.HasField("expected_at")) == (
        AVAILABILITY_BACKORDER,
        False,
    )


async def test_goods_that_arrive_go_to_orders_that_wait(shop: Replica, database: Database) -> None:
    variant_id = await shop.variant(stock=0, sku="TEA")
    await policy(shop, most=5)
    await order(shop, variant_id, 4)

    await shop.adjust(a_line("TEA", 3, pb.STOCK_REASON_RECEIPT))
    first = (await level(shop, "TEA")).on_hand, (await seen(shop)).owed
    await shop.adjust(a_line("TEA", 6, pb.STOCK_REASON_RECEIPT))

    assert first == (0, 1)
    assert ((await level(shop, "TEA")).on_hand, (await seen(shop)).owed) == (5, 0)
    await require_ledger(database)


async def test_a_cancelled_order_gives_back_what_it_took(shop: Replica, database: Database) -> None:
    variant_id = await shop.variant(stock=1, sku="TEA")
    await policy(shop, most=5)
    waiting, filled = await order(shop, variant_id, 2), await order(shop, variant_id, 2)

    await shop.release(waiting, restock=True)
    after_first = (await level(shop, "TEA")).on_hand, (await seen(shop)).owed
    await shop.adjust(a_line("TEA", 2, pb.STOCK_REASON_RECEIPT))
    await shop.release(filled, restock=True)

    assert after_first == (1, 2)
    assert ((await level(shop, "TEA")).on_hand, (await seen(shop)).owed) == (3, 0)
    await require_ledger(database)


async def test_a_policy_is_refused_that_breaks_what_was_promised(shop: Replica) -> None:
    variant_id = await shop.variant(stock=0, sku="TEA")
    made = await policy(shop, most=5)
    await order(shop, variant_id, 2)
    await shop.reserve({variant_id: 1})

    with pytest.raises(Refused) as promised:
        await policy(shop, most=2)
    with pytest.raises(Stale):
        await policy(shop, most=4, expected_version=made.version + 1)
    with pytest.raises(Invalid) as unlimited:
        await policy(shop, most=0)
    with pytest.raises(Refused):
        await policy(shop, pb.STOCK_POLICY_KIND_NONE, most=0, expected_at=None)

    assert (promised.value.reason, promised.value.metadata["reserved"]) == ("BELOW_RESERVED", "3")
    assert (unlimited.value.reason, unlimited.value.metadata["path"]) == (
        "INVALID_STOCK_POLICY",
        "most",
    )
    assert (await policy(shop, most=3)).owed == 2


async def test_without_a_policy_nothing_is_promised_any_more(shop: Replica) -> None:
    variant_id = await shop.variant(stock=0, sku="TEA")
    await policy(shop, most=5)
    await policy(shop, pb.STOCK_POLICY_KIND_NONE, most=0, expected_at=None)

    offer = (await shop.offers(variant_id)).offers[0]
    page = await shop.product(id=offer.product_id)

    assert (offer.available, offer.promise) == (0, 0)
    assert page.variants[0].availability == AVAILABILITY_OUT_OF_STOCK


async def test_buyers_at_once_are_promised_exactly_the_limit(
    shop: Replica, database: Database
) -> None:
    variant_id = await shop.variant(stock=5, sku="TEA")
    await policy(shop, most=7)

    outcomes = await asyncio.gather(
        *(shop.reserve({variant_id: 1 + number % 2}) for number in range(30)),
        return_exceptions=True,
    )

    held = [each for each in outcomes if isinstance(each, catalog_pb2.Reservation)]
    assert {each.reason for each in outcomes if isinstance(each, DomainError)} <= {"OUT_OF_STOCK"}
    assert sum(line.quantity for each in held for line in each.lines) == 12
    async with database.read() as read:
        assert await reservations.drift(read) == (0, 0)
