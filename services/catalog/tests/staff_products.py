"""Calls of staff about products, as tests make them."""

from __future__ import annotations

from typing import Any

from google.protobuf.struct_pb2 import Struct

from chassis.data.database import Database
from services.catalog.tests.catalog_replica import Replica, a_product
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import product_admin_pb2 as admin_pb


def own(**fields: Any) -> pb.ProductInput:
    """A product of staff's own: without an external id."""
    return a_product(**{"external_id": "", **fields})


def a_struct(**data: Any) -> Struct:
    struct = Struct()
    struct.update(data)
    return struct


async def create(shop: Replica, **fields: Any) -> admin_pb.StaffProduct:
    request = admin_pb.CreateProductRequest(product=own(**fields))
    return await shop.as_staff(shop.products.CreateProduct, request)  # type: ignore[no-any-return]  # the helper answers any RPC


async def update(shop: Replica, id: str, *, version: int = 0, **fields: Any) -> Any:
    request = admin_pb.UpdateProductRequest(
        id=id, update_mask=sorted(fields), expected_version=version
    )
    for name, value in fields.items():
        if value is not None:
            request.MergeFrom(admin_pb.UpdateProductRequest(**{name: value}))
    return await shop.as_staff(shop.products.UpdateProduct, request)


async def stored(shop: Replica, id: str) -> admin_pb.StaffProduct:
    return await shop.as_staff(  # type: ignore[no-any-return]
        shop.products.GetStaffProduct, admin_pb.GetStaffProductRequest(id=id)
    )


async def listed(shop: Replica, **fields: Any) -> list[str]:
    request = admin_pb.ListStaffProductsRequest(**fields)
    found = await shop.as_staff(shop.products.ListStaffProducts, request)
    return [product.id for product in found.products]


async def audits(database: Database, action: str) -> list[tuple[Any, ...]]:
    async with database.read() as read:
        return await read.fetch(
            "SELECT before, after FROM audit WHERE action = %s ORDER BY at", [action]
        )
