"""Digital goods in bundles: they come with the payment, and go back with the bundle."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import fresh_database
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant, replica
from services.catalog.tests.digital_goods import (
    a_file,
    a_good,
    an_order,
    delivered,
    good_of,
    told,
)
from services.catalog.tests.engagement import deliver
from sojourn.catalog.v1 import bundles_pb2, catalog_pb2
from sojourn.catalog.v1 import digital_goods_pb2 as pb
from sojourn.catalog.v1.digital_events_pb2 import DigitalGoodsDelivered
from sojourn.checkout.v1.checkout_pb2 import Order, OrderLine
from sojourn.checkout.v1.events_pb2 import OrderLinesCancelled, OrderPlaced
from sojourn.checkout.v1.return_events_pb2 import ReturnReceived, ReturnRefunded
from sojourn.common.v1.line_item_pb2 import (
    AVAILABILITY_LOW_STOCK,
    ITEM_KIND_DIGITAL,
    ITEM_KIND_PHYSICAL,
    LineItem,
)
from sojourn.common.v1.quantity_pb2 import Quantity


@pytest.fixture(scope="module")
async def database() -> AsyncIterator[Database]:
    async with fresh_database("catalog") as database:
        yield database


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Replica]:
    async with replica(database) as ready:
        yield ready


async def a_bundle(shop: Replica, sku: str, parts: Mapping[str, int]) -> str:
    """Makes a bundle of parts that there are. Returns the id of its variant."""
    await shop.import_products(a_product(sku, slug=sku, variants=[a_variant(sku=sku, stock=0)]))
    return await put(shop, sku, parts)


async def put(shop: Replica, sku: str, parts: Mapping[str, int]) -> str:
    request = bundles_pb2.PutBundleRequest(
        sku=sku,
        parts=[bundles_pb2.BundlePart(sku=part, quantity=many) for part, many in parts.items()],
    )
    return str((await shop.as_staff(shop.bundles.PutBundle, request)).variant_id)


async def a_console(shop: Replica, name: str, *, keys: int = 6, stock: int = 9) -> str:
    """Makes a bundle of a console, two keys of a game and a handbook to download."""
    variant = a_variant(sku=f"{name}-box", stock=stock)
    await shop.import_products(a_product("Box", slug=f"{name}-box", variants=[variant]))
    await a_good(shop, f"{name}-game", *(f"{name}-{number}" for number in range(keys)))
    await a_good(shop, f"{name}-book")
    await a_file(shop, f"{name}-book", "handbook.pdf", b"press start")
    parts = {f"{name}-box": 1, f"{name}-game": 2, f"{name}-book": 1}
    return await a_bundle(shop, f"{name}-set", parts)


def of_line(variant_id: str, quantity: int, *, back: int = 0, id: str = "") -> Order:
    """A paid order of a bundle that is sent, some of which came back."""
    order = an_order(id=id)
    order.lines.append(
        OrderLine(
            item=LineItem(
                variant_id=variant_id, kind=ITEM_KIND_PHYSICAL, quantity=Quantity(steps=quantity)
            ),
            returned=Quantity(steps=back),
        )
    )
    return order


async def bought(shop: Replica, database: Database, bundle: str, quantity: int = 1) -> Order:
    """Returns an order whose parts are reserved, taken and paid."""
    order = of_line(bundle, quantity)
    await shop.reserve({bundle: quantity}, reservation_id=order.id)
    await shop.confirm(order.id)
    await deliver(database, OrderPlaced(order=order), times=2)
    return order


async def keys_of(shop: Replica, order: Order) -> list[str]:
    return [key for good in await delivered(shop, order) for key in good.licence_keys]


async def put_back(shop: Replica, order: Order, bundle: str, quantity: int, *, reason: int) -> None:
    request = catalog_pb2.RestockReservationRequest(
        reservation_id=order.id,
        restock_id=str(uuid7()),
        lines=[catalog_pb2.StockLine(variant_id=bundle, quantity=quantity)],
        reason=reason,  # type: ignore[arg-type]  # stubs type an enum's field by its wrapper
    )
    await shop.as_checkout(shop.stock.RestockReservation, request)


async def test_a_bundle_of_things_and_digital_goods_is_sent_and_delivered(
    shop: Replica, database: Database
) -> None:
    bundle = await a_console(shop, "one")

    [shown] = (await shop.product("one-set")).variants
    available = (await shop.offers(bundle)).offers[0].available
    order = await bought(shop, database, bundle, 2)
    with pytest.raises(DomainError) as refused:
        await shop.reserve({bundle: 2})

    assert (shown.kind, shown.availability) == (ITEM_KIND_PHYSICAL, AVAILABILITY_LOW_STOCK)
    assert [part.kind for part in shown.parts] == [
        ITEM_KIND_PHYSICAL, ITEM_KIND_DIGITAL, ITEM_KIND_DIGITAL,
    ]  # fmt: skip
    assert available == 3
    assert refused.value.metadata["variant_id"] == bundle
    assert refused.value.metadata["available"] == "1"
    goods = {good.sku: good for good in await delivered(shop, order)}
    assert sorted(goods) == ["one-book", "one-game"]
    assert list(goods["one-game"].licence_keys) == ["one-0", "one-1", "one-2", "one-3"]
    assert [file.name for file in goods["one-book"].files] == ["handbook.pdf"]
    mails = [
        each for each in await told(database, DigitalGoodsDelivered) if each.order_id == order.id
    ]
    assert [{good.title for good in mail.goods} for mail in mails] == [{"one-book", "one-game"}]


async def test_a_bundle_of_digital_goods_alone_is_one_and_never_sells_out_of_files(
    shop: Replica, database: Database
) -> None:
    await a_good(shop, "two-book")
    await a_good(shop, "two-film")
    bundle = await a_bundle(shop, "two-set", {"two-book": 1, "two-film": 1})

    [offer] = (await shop.offers(bundle)).offers
    order = an_order(bundle)
    order.lines[0].item.quantity.steps = 999
    await shop.reserve({bundle: 999}, reservation_id=order.id)
    await shop.confirm(order.id)
    await deliver(database, OrderPlaced(order=order))

    assert offer.kind == ITEM_KIND_DIGITAL
    assert [good.sku for good in await delivered(shop, order)] == ["two-book", "two-film"]
    await shop.as_staff(shop.bundles.DeleteBundle, bundles_pb2.DeleteBundleRequest(sku="two-set"))
    assert (await shop.offers(bundle)).offers[0].kind == ITEM_KIND_PHYSICAL


async def test_an_order_brings_the_parts_that_its_bundle_had_when_it_was_reserved(
    shop: Replica, database: Database
) -> None:
    bundle = await a_console(shop, "three")
    order = of_line(bundle, 1)
    await shop.reserve({bundle: 1}, reservation_id=order.id)
    await shop.confirm(order.id)

    await put(shop, "three-set", {"three-box": 1})
    await deliver(database, OrderPlaced(order=order))

    assert [good.sku for good in await delivered(shop, order)] == ["three-book", "three-game"]


async def test_a_bundle_that_comes_back_takes_its_keys_along_and_no_others(
    shop: Replica, database: Database
) -> None:
    bundle = await a_console(shop, "four")
    order = await bought(shop, database, bundle, 2)

    one_back = of_line(bundle, 2, back=1, id=order.id)
    await put_back(shop, order, bundle, 1, reason=catalog_pb2.RESTOCK_REASON_RETURN)
    await deliver(database, ReturnReceived(order=one_back), ReturnRefunded(order=one_back), times=2)
    after_one = await keys_of(shop, order)
    all_back = of_line(bundle, 2, back=2, id=order.id)
    await deliver(database, ReturnReceived(order=all_back))

    assert after_one == ["four-0", "four-1"]
    assert await keys_of(shop, order) == []
    assert {good.sku for good in await delivered(shop, order) if good.revoked} == {
        "four-book", "four-game",
    }  # fmt: skip
    assert (await good_of(shop, "four-game")).free_keys == 2
    [box] = (await shop.product("four-box")).variants
    assert await shop.counts(box.id) == (8, 0)


async def test_a_bundle_that_is_cancelled_before_it_is_paid_brings_nothing_of_it(
    shop: Replica, database: Database
) -> None:
    bundle = await a_console(shop, "five")
    order = of_line(bundle, 2)
    await shop.reserve({bundle: 2}, reservation_id=order.id)
    await shop.confirm(order.id)

    await put_back(shop, order, bundle, 1, reason=catalog_pb2.RESTOCK_REASON_CANCELLATION)
    order.lines[0].cancelled.steps = 1
    await deliver(database, OrderLinesCancelled(order=order), OrderPlaced(order=order))

    assert await keys_of(shop, order) == ["five-0", "five-1"]
    assert (await good_of(shop, "five-game")).free_keys == 4


async def test_a_digital_good_in_a_bundle_stays_one(shop: Replica) -> None:
    await a_console(shop, "six", keys=0)
    delete = pb.DeleteDigitalGoodRequest(sku="six-book")

    with pytest.raises(DomainError) as kept:
        await shop.as_staff(shop.digital.DeleteDigitalGood, delete)
    with pytest.raises(DomainError) as itself:
        await put(shop, "six-book", {"six-box": 1})

    assert kept.value.reason == "DIGITAL_GOOD_IN_USE"
    assert (itself.value.reason, itself.value.metadata["path"]) == ("INVALID_BUNDLE", "sku")
