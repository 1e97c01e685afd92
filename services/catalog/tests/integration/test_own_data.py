"""A merchant's own data on what staff keep beside products."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chassis.rpc.errors import Invalid
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant
from services.catalog.tests.staff_products import a_struct, own
from sojourn.catalog.v1 import (
    category_admin_pb2,
    channels_pb2,
    content_pb2,
    prices_pb2,
    warehouses_pb2,
)
from sojourn.catalog.v1 import product_admin_pb2 as admin_pb

Change = Callable[..., Awaitable[Any]]


async def a_channel(shop: Replica) -> tuple[Any, Change]:
    settings = channels_pb2.ChannelInput(
        code="jp", name="Japan", locales=["ja"], currencies=["JPY"], countries=["JP"],
        warehouses=["main"], metadata=a_struct(erp={"id": 7, "old": True}),
    )  # fmt: skip
    request = channels_pb2.CreateChannelRequest(settings=settings)
    made = await shop.as_staff(shop.channels.CreateChannel, request)

    async def patch_metadata(**data: Any) -> Any:
        changed = channels_pb2.ChannelInput(metadata=a_struct(**data))
        request = channels_pb2.UpdateChannelRequest(
            code="jp", update_mask=["metadata"], settings=changed
        )
        return await shop.as_staff(shop.channels.UpdateChannel, request)

    return made, patch_metadata


async def a_warehouse(shop: Replica) -> tuple[Any, Change]:
    made = await shop.warehouse("north", metadata=a_struct(erp={"id": 7, "old": True}))

    async def patch_metadata(**data: Any) -> Any:
        request = warehouses_pb2.UpdateWarehouseRequest(code="north", metadata=a_struct(**data))
        return await shop.as_staff(shop.warehouses.UpdateWarehouse, request)

    return made, patch_metadata


async def a_price_list(shop: Replica) -> tuple[Any, Change]:
    request = prices_pb2.CreatePriceListRequest(
        code="sale", metadata=a_struct(erp={"id": 7, "old": True})
    )
    made = await shop.as_staff(shop.prices.CreatePriceList, request)

    async def patch_metadata(**data: Any) -> Any:
        request = prices_pb2.UpdatePriceListRequest(code="sale", metadata=a_struct(**data))
        return await shop.as_staff(shop.prices.UpdatePriceList, request)

    return made, patch_metadata


async def a_category(shop: Replica) -> tuple[Any, Change]:
    request = category_admin_pb2.CreateCategoryRequest(
        slug="tents", name={"en": "Tents"}, metadata=a_struct(erp={"id": 7, "old": True})
    )
    made = await shop.as_staff(shop.categories.CreateCategory, request)

    async def patch_metadata(**data: Any) -> Any:
        request = category_admin_pb2.UpdateCategoryRequest(
            id=made.id, update_mask=["metadata"], metadata=a_struct(**data)
        )
        return await shop.as_staff(shop.categories.UpdateCategory, request)

    return made, patch_metadata


async def a_variant_of_a_product(shop: Replica) -> tuple[Any, Change]:
    product = own()
    product.variants[0].metadata.update({"erp": {"id": 7, "old": True}})
    request = admin_pb.CreateProductRequest(product=product)
    made = await shop.as_staff(shop.products.CreateProduct, request)

    async def patch_metadata(**data: Any) -> Any:
        request = admin_pb.UpdateVariantRequest(
            product_id=made.id, variant_id=made.variants[0].id, update_mask=["metadata"],
            metadata=a_struct(**data),
        )  # fmt: skip
        return await shop.as_staff(shop.products.UpdateVariant, request)

    return made.variants[0], patch_metadata


async def a_page(shop: Replica) -> tuple[Any, Change]:
    given = content_pb2.PageInput(
        slug="about", title={"en": "About"}, metadata=a_struct(erp={"id": 7, "old": True})
    )
    request = content_pb2.CreatePageRequest(page=given)
    made = await shop.as_staff(shop.pages.CreatePage, request)

    async def patch_metadata(**data: Any) -> Any:
        request = content_pb2.UpdatePageRequest(
            id=made.id, update_mask=["metadata"],
            page=content_pb2.PageInput(metadata=a_struct(**data)),
        )  # fmt: skip
        return await shop.as_staff(shop.pages.UpdatePage, request)

    return made, patch_metadata


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (a_channel, "settings.metadata"),
        (a_warehouse, "metadata"),
        (a_price_list, "metadata"),
        (a_category, "metadata"),
        (a_variant_of_a_product, "metadata"),
        (a_page, "page.metadata"),
    ],
)
async def test_own_data_merges_is_cleared_and_has_bounds(
    shop: Replica, make: Callable[[Replica], Awaitable[tuple[Any, Change]]], path: str
) -> None:
    made, patch_metadata = await make(shop)

    merged = await patch_metadata(erp={"old": None, "name": "Kiel"}, tags=["a"])
    same = await patch_metadata(tags=["a"])
    with pytest.raises(Invalid) as refused:
        await patch_metadata(text="x" * 20_000)
    with pytest.raises(Invalid, match="infinite"):
        await patch_metadata(sizes=[{"weight": float("inf")}])
    cleared = await patch_metadata()

    assert dict(made.metadata["erp"]) == {"id": 7, "old": True}
    assert dict(merged.metadata["erp"]) == {"id": 7, "name": "Kiel"}
    assert list(merged.metadata["tags"]) == ["a"]
    assert (same.version, cleared.version) == (merged.version, merged.version + 1)
    assert refused.value.metadata["path"] == path
    assert not cleared.metadata.fields


async def test_own_data_of_a_page_is_in_no_version(shop: Replica) -> None:
    made, patch_metadata = await a_page(shop)

    changed = await patch_metadata(owner="ann")
    back = content_pb2.RollBackPageRequest(id=made.id, number=1)
    rolled = await shop.as_staff(shop.pages.RollBackPage, back)

    assert (made.number, changed.number) == (1, 1)
    assert rolled.metadata["owner"] == "ann"


async def test_own_data_of_the_variants_of_a_product_is_bounded_together(shop: Replica) -> None:
    sizes = [a_variant(sku=f"S-{number}", Size=str(number)) for number in range(70)]
    request = admin_pb.CreateProductRequest(product=own(variants=sizes))
    made = await shop.as_staff(shop.products.CreateProduct, request)

    async def fill(number: int) -> None:
        request = admin_pb.UpdateVariantRequest(
            product_id=made.id, variant_id=made.variants[number].id, update_mask=["metadata"],
            metadata=a_struct(text="x" * 16_000),
        )  # fmt: skip
        await shop.as_staff(shop.products.UpdateVariant, request)

    for number in range(65):
        await fill(number)
    with pytest.raises(Invalid) as refused:
        await fill(65)

    assert refused.value.metadata["path"] == "metadata"
    assert refused.value.metadata["most"] == "1048576"
    answer = await shop.as_staff(
        shop.products.GetStaffProduct, admin_pb.GetStaffProductRequest(id=made.id)
    )
    assert len(answer.variants) == 70


async def test_an_import_without_own_data_of_a_variant_leaves_it(shop: Replica) -> None:
    product = a_product()
    product.variants[0].metadata.update({"bin": 7})
    await shop.import_products(product)
    product.title["en"] = "Another title"
    product.variants[0].ClearField("metadata")

    await shop.import_products(product)

    found = await shop.as_staff(
        shop.products.ListStaffProducts,
        admin_pb.ListStaffProductsRequest(sku=product.variants[0].sku),
    )
    kept = await shop.as_staff(
        shop.products.GetStaffProduct, admin_pb.GetStaffProductRequest(id=found.products[0].id)
    )
    assert kept.title["en"] == "Another title"
    assert kept.variants[0].metadata["bin"] == 7
