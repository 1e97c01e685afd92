"""Digital goods, their keys and files, and orders of them, as tests make them."""

from __future__ import annotations

from typing import Any

from chassis.data.database import Database
from chassis.runtime.clock import uuid7
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant
from sojourn.catalog.v1 import digital_goods_pb2 as pb
from sojourn.checkout.v1.checkout_pb2 import Order, OrderLine, Payment
from sojourn.common.v1.line_item_pb2 import ITEM_KIND_DIGITAL, LineItem
from sojourn.common.v1.money_pb2 import Money


async def a_good(shop: Replica, sku: str, *keys: str, **settings: Any) -> str:
    """Makes a digital good with a pool of keys. Returns the id of its variant."""
    variant = a_variant(sku=sku, stock=0)
    await shop.import_products(a_product(sku, slug=sku, variants=[variant]))
    request = pb.PutDigitalGoodRequest(sku=sku, needs_keys=bool(keys), **settings)
    good = await shop.as_staff(shop.digital.PutDigitalGood, request)
    if keys:
        await import_keys(shop, sku, *keys)
    return str(good.variant_id)


async def import_keys(shop: Replica, sku: str, *keys: str) -> pb.ImportLicenceKeysResponse:
    request = pb.ImportLicenceKeysRequest(sku=sku, keys=keys)
    return await shop.as_staff(shop.digital.ImportLicenceKeys, request)  # type: ignore[no-any-return]  # the helper answers any RPC


async def good_of(shop: Replica, sku: str) -> pb.DigitalGood:
    return await shop.as_staff(shop.digital.GetDigitalGood, pb.GetDigitalGoodRequest(sku=sku))  # type: ignore[no-any-return]  # the helper answers any RPC


async def a_file(shop: Replica, sku: str, name: str, *parts: bytes) -> pb.DigitalFile:
    request = pb.CreateDigitalFileRequest(sku=sku, name=name)
    file = await shop.as_staff(shop.digital.CreateDigitalFile, request)
    for number, content in enumerate(parts, 1):
        part = pb.AddDigitalFilePartRequest(id=file.id, number=number, content=content)
        await shop.as_staff(shop.digital.AddDigitalFilePart, part)
    done = pb.CompleteDigitalFileRequest(id=file.id)
    return await shop.as_staff(shop.digital.CompleteDigitalFile, done)  # type: ignore[no-any-return]  # the helper answers any RPC


def an_order(*variant_ids: str, captured: int = 10_00, refunded: int = 0, id: str = "") -> Order:
    """An order of one piece of each variant, all of them digital."""

    def eur(amount: int) -> Money:
        return Money(amount_minor=amount, currency="EUR")

    payment = Payment(amount=eur(10_00), captured=eur(captured), refunded=eur(refunded))
    items = [
        LineItem(variant_id=each, sku=each, title="Atlas", kind=ITEM_KIND_DIGITAL)
        for each in variant_ids
    ]
    return Order(
        id=id or str(uuid7()),
        number="S-1",
        owner_id=str(uuid7()),
        email="ana@example.com",
        locale="de-DE",
        lines=[OrderLine(item=item) for item in items],
        payments=[payment],
    )


async def bought(shop: Replica, variant_id: str, quantity: int = 1) -> Order:
    """Returns a placed order whose goods are reserved and taken, as checkout does it."""
    order = an_order(variant_id)
    await shop.reserve({variant_id: quantity}, reservation_id=order.id)
    await shop.confirm(order.id)
    return order


async def delivered(shop: Replica, order: Order) -> list[pb.DeliveredGood]:
    request = pb.ListDeliveredGoodsRequest(order_id=order.id)
    return list((await shop.as_checkout(shop.downloads.ListDeliveredGoods, request)).goods)


async def told(database: Database, kind: Any) -> list[Any]:
    async with database.read() as found:
        rows = await found.fetch(
            "SELECT payload FROM outbox WHERE type = %s ORDER BY id", [kind.DESCRIPTOR.full_name]
        )
    return [kind.FromString(row[0]) for row in rows]
