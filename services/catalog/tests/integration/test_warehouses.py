"""Warehouses, as staff keep them."""

from __future__ import annotations

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Exists, Invalid, NotFound, Refused, Stale
from chassis.testing import events_of
from services.catalog.tests.catalog_replica import Replica
from sojourn.catalog.v1 import stock_admin_pb2
from sojourn.catalog.v1 import warehouses_pb2 as pb
from sojourn.catalog.v1.stock_events_pb2 import WarehouseChanged, WarehouseDeleted


async def codes(shop: Replica, **page: object) -> tuple[list[str], str]:
    reply = await shop.as_staff(
        shop.warehouses.ListWarehouses,
        pb.ListWarehousesRequest(page=page),  # type: ignore[arg-type]
    )
    return [each.code for each in reply.warehouses], reply.next_page_token


async def update_warehouse(shop: Replica, code: str, **fields: object) -> pb.Warehouse:
    return await shop.as_staff(  # type: ignore[no-any-return]
        shop.warehouses.UpdateWarehouse,
        pb.UpdateWarehouseRequest(code=code, **fields),  # type: ignore[arg-type]
    )


async def delete(shop: Replica, code: str) -> None:
    await shop.as_staff(shop.warehouses.DeleteWarehouse, pb.DeleteWarehouseRequest(code=code))


async def test_staff_create_change_and_delete_a_warehouse(
    shop: Replica, database: Database
) -> None:
    made = await shop.warehouse("north", time_zone="Europe/Berlin", address_locality="Kiel")
    changed = await update_warehouse(
        shop, "north", name="Kiel", address_locality="", expected_version=1
    )
    first, token = await codes(shop, size=1)
    second, _ = await codes(shop, size=1, token=token)
    await delete(shop, "north")
    await delete(shop, "north")

    assert (made.version, made.address_locality, made.time_zone) == (1, "Kiel", "Europe/Berlin")
    assert (changed.version, changed.name, changed.address_locality) == (2, "Kiel", "")
    assert (first, second, (await codes(shop))[0]) == (["main"], ["north"], ["main"])
    assert [event.version for event in await events_of(database, WarehouseChanged)] == [1, 2]
    assert len(await events_of(database, WarehouseDeleted)) == 1
    async with database.read() as read:
        actions = await read.fetch("SELECT action FROM audit WHERE subject = 'warehouse:north'")
    assert sorted(each[0] for each in actions) == [
        "create_warehouse",
        "delete_warehouse",
        "update_warehouse",
    ]


async def test_one_warehouse_is_the_default(shop: Replica) -> None:
    await shop.warehouse("north", is_default=True)
    old = await shop.as_staff(shop.warehouses.GetWarehouse, pb.GetWarehouseRequest(code="main"))
    await update_warehouse(shop, "main", is_default=True)

    assert (old.is_default, old.version) == (False, 2)
    with pytest.raises(Invalid) as refusal:
        await update_warehouse(shop, "main", is_default=False)
    assert (refusal.value.reason, refusal.value.metadata["path"]) == (
        "INVALID_WAREHOUSE",
        "is_default",
    )


async def test_a_warehouse_in_use_is_not_deleted(shop: Replica, database: Database) -> None:
    await shop.warehouse("north")
    await shop.variant(stock=5, sku="TEA", warehouse="north")

    with pytest.raises(Refused) as stocked:
        await delete(shop, "north")
    with pytest.raises(Refused) as default:
        await delete(shop, "main")
    await shop.set_stock("TEA", 0, warehouse="north")
    async with database.tx() as tx:
        await tx.run("""UPDATE channel SET warehouses = '["main", "north"]'""")
    with pytest.raises(Refused) as served:
        await delete(shop, "north")

    assert [each.value.metadata for each in (stocked, default, served)] == [
        {"stocked": "True"},
        {"is_default": "True"},
        {"channels": "default"},
    ]


async def test_what_makes_no_warehouse_is_refused(shop: Replica) -> None:
    await shop.warehouse("north")

    with pytest.raises(Exists) as exists:
        await shop.warehouse("north")
    with pytest.raises(Invalid) as zone:
        await shop.warehouse("south", time_zone="Mars/Olympus")
    with pytest.raises(Stale) as stale:
        await update_warehouse(shop, "north", name="N", expected_version=7)
    with pytest.raises(NotFound) as missing:
        await update_warehouse(shop, "south", name="S")
    with pytest.raises(Invalid) as unnamed:
        await update_warehouse(shop, "north", name="")

    assert [each.value.reason for each in (exists, zone, stale, missing, unnamed)] == [
        "WAREHOUSE_EXISTS",
        "INVALID_WAREHOUSE",
        "VERSION_MISMATCH",
        "WAREHOUSE_NOT_FOUND",
        "INVALID_WAREHOUSE",
    ]
    assert unnamed.value.metadata["path"] == "name"


async def test_a_level_begins_when_its_rules_are_set(shop: Replica) -> None:
    await shop.variant(stock=1, sku="TEA")
    await shop.warehouse("north")

    made = await shop.as_staff(
        shop.stock_admin.UpdateStockRules,
        stock_admin_pb2.UpdateStockRulesRequest(sku="TEA", warehouse="north", low_stock_at_most=3),
    )

    assert (made.on_hand, made.low_stock_at_most, made.is_low) == (0, 3, True)
