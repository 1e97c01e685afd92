"""Staff take products in and out as files, and shoppers buy what came in."""

from __future__ import annotations

import uuid
from typing import Any

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.shopper import Api

IMPORTS = "/v1/staff/catalogue-imports"


async def _import(staff: Api, content: str, **options: Any) -> dict[str, Any]:
    job = (await staff.call("POST", IMPORTS, {"options": options})).body
    path = f"{IMPORTS}/{job['id']}"
    headers = {**staff.headers(), "Content-Type": "application/octet-stream"}
    sent = await staff.client.put(
        f"{staff.urls[0]}{path}/parts/1", content=content.encode(), headers=headers
    )
    assert sent.status_code == 200
    await staff.call("POST", f"{path}/start")

    async def ended() -> dict[str, Any] | None:
        found = (await staff.call("GET", path)).body
        return dict(found) if found["state"] in ("done", "failed") else None

    found = await eventually(ended, within=30)
    assert found is not None
    return found


async def test_a_file_is_tried_imported_sold_and_exported_again(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    sku = f"file-{uuid.uuid4().hex[:8]}"
    header = "Handle,Title,Type,Status,Variant SKU,Variant Price,Variant Inventory Qty\n"
    good = f"{sku},Kettle,Kitchen,Active,{sku},24.90,5\n"
    bad = f'{sku}-b,Kettle,Kitchen,Active,{sku}-b,"24,90",5\n'

    tried = await _import(staff, header + good + bad, kind="products", is_dry_run=True)
    done = await _import(staff, header + good, kind="products")
    again = await _import(staff, header + good, kind="products")
    level = await _import(staff, f"sku,on_hand\n{sku},3\n", kind="stock")

    (problem,) = tried["problems"]
    assert (problem["line"], problem["column"], problem["value"]) == (3, "Variant Price", "24,90")
    assert (done["state"], done["created"]) == ("done", 1)
    assert (again["state"], again["unchanged"]) == ("done", 1)
    assert level["updated"] == 1
    page = (await shopper.call("GET", f"/v1/products/{sku}?currency=EUR")).body
    cart = await shopper.start_cart((page["variants"][0]["id"], 2))
    assert cart["lines"][0]["item"]["unit_price"]["amount_minor"] == 24_90
    exported = await staff.call("GET", "/v1/staff/catalogue-export?kind=stock&format=csv")
    assert f"{sku},main,3,0,\r\n" in exported.body
