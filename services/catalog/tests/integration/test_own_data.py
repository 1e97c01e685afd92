"""A merchant's own data on channels, warehouses, price lists and categories."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chassis.rpc.errors import Invalid
from services.catalog.tests.catalog_replica import Replica
from services.catalog.tests.staff_products import a_struct
from sojourn.catalog.v1 import category_admin_pb2, channels_pb2, prices_pb2, warehouses_pb2

Change = Callable[..., Awaitable[Any]]


async def a_channel(shop: Replica) -> tuple[Any, Change]:
    settings = channels_pb2.ChannelInput(
        code="jp", name="Japan", locales=["ja"], currencies=["JPY"], countries=["JP"],
        warehouses=["main"], metadata=a_struct(erp={"id": 7, "old": True}),
    )  # fmt: skip
    request = channels_pb2.CreateChannelRequest(settings=settings)
    made = await shop.as_staff(shop.channels.CreateChannel, request)

    async def change(**data: Any) -> Any:
        changed = channels_pb2.ChannelInput(metadata=a_struct(**data))
        request = channels_pb2.UpdateChannelRequest(
            code="jp", update_mask=["metadata"], settings=changed
        )
        return await shop.as_staff(shop.channels.UpdateChannel, request)

    return made, change


async def a_warehouse(shop: Replica) -> tuple[Any, Change]:
    made = await shop.warehouse("north", metadata=a_struct(erp={"id": 7, "old": True}))

    async def change(**data: Any) -> Any:
        request = warehouses_pb2.UpdateWarehouseRequest(code="north", metadata=a_struct(**data))
        return await shop.as_staff(shop.warehouses.UpdateWarehouse, request)

    return made, change


async def a_price_list(shop: Replica) -> tuple[Any, Change]:
    request = prices_pb2.CreatePriceListRequest(
        code="sale", metadata=a_struct(erp={"id": 7, "old": True})
    )
    made = await shop.as_staff(shop.prices.CreatePriceList, request)

    async def change(**data: Any) -> Any:
        request = prices_pb2.UpdatePriceListRequest(code="sale", metadata=a_struct(**data))
        return await shop.as_staff(shop.prices.UpdatePriceList, request)

    return made, change


async def a_category(shop: Replica) -> tuple[Any, Change]:
    request = category_admin_pb2.CreateCategoryRequest(
        slug="tents", name={"en": "Tents"}, metadata=a_struct(erp={"id": 7, "old": True})
    )
    made = await shop.as_staff(shop.categories.CreateCategory, request)

    async def change(**data: Any) -> Any:
        request = category_admin_pb2.UpdateCategoryRequest(
            id=made.id, update_mask=["metadata"], metadata=a_struct(**data)
        )
        return await shop.as_staff(shop.categories.UpdateCategory, request)

    return made, change


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (a_channel, "settings.metadata"),
        (a_warehouse, "metadata"),
        (a_price_list, "metadata"),
        (a_category, "metadata"),
    ],
)
async def test_own_data_merges_is_cleared_and_has_bounds(
    shop: Replica, make: Callable[[Replica], Awaitable[tuple[Any, Change]]], path: str
) -> None:
    made, change = await make(shop)

    merged = await change(erp={"old": None, "name": "Kiel"}, tags=["a"])
    same = await change(tags=["a"])
    with pytest.raises(Invalid) as refused:
        await change(text="x" * 20_000)
    with pytest.raises(Invalid, match="infinite"):
        await change(sizes=[{"weight": float("inf")}])
    cleared = await change()

    assert dict(made.metadata["erp"]) == {"id": 7, "old": True}
    assert dict(merged.metadata["erp"]) == {"id": 7, "name": "Kiel"}
    assert list(merged.metadata["tags"]) == ["a"]
    assert (same.version, cleared.version) == (merged.version, merged.version + 1)
    assert refused.value.metadata["path"] == path
    assert not cleared.metadata.fields
