"""Staff run prices and stock through the API, and shoppers see and pay what staff say."""

from __future__ import annotations

import uuid
from typing import Any

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.shopper import Api


def _eur(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "EUR"}


async def _import(staff: Api, *, stock: int) -> str:
    """Sells a product for 20 EUR. Returns its SKU, which is its slug too."""
    sku = f"priced-{uuid.uuid4().hex[:8]}"
    variant = {"sku": sku, "prices": [{"price": _eur(20_00)}], "initial_stock": {"": stock}}
    product = {
        "external_id": sku,
        "slug": sku,
        "title": {"en": "Teapot"},
        "published": True,
        "variants": [variant],
    }
    await staff.call(
        "POST", "/v1/staff/products/import", {"source": "stories", "products": [product]}
    )
    return sku


async def _variant(shopper: Api, sku: str) -> dict[str, Any]:
    page = (await shopper.call("GET", f"/v1/products/{sku}?currency=EUR")).body
    return dict(page["variants"][0])


async def _buy(shopper: Api, variant_id: str, quantity: int) -> dict[str, Any]:
    cart = await shopper.start_cart((variant_id, quantity))
    checkout = await shopper.start_checkout(cart["id"], email=f"{uuid.uuid4().hex}@example.com")
    return dict((await shopper.complete(checkout)).body)


async def test_a_sale_with_tiers_is_shown_charged_and_ended(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    sku, code = await _import(staff, stock=50), f"sale-{uuid.uuid4().hex[:8]}"
    await staff.call("POST", "/v1/staff/price-lists", {"code": code, "priority": 5})
    price = {
        "sku": sku,
        "price": _eur(15_00),
        "compare_at": _eur(20_00),
        "tiers": [{"min_quantity": 3, "price": _eur(12_00)}],
    }
    await staff.call("POST", f"/v1/staff/price-lists/{code}/prices", {"prices": [price]})

    async def shows(amount_minor: int) -> dict[str, Any] | None:
        variant = await _variant(shopper, sku)
        return variant if variant["price"]["amount_minor"] == amount_minor else None

    variant = await eventually(lambda: shows(15_00), within=10)
    assert variant is not None
    order = await _buy(shopper, variant["id"], 3)
    await staff.call("DELETE", f"/v1/staff/price-lists/{code}")

    assert variant["lowest_recent_price"] == _eur(20_00)
    item = order["lines"][0]["item"]
    assert (item["unit_price"], item["subtotal"]) == (_eur(12_00), _eur(36_00))
    await eventually(lambda: shows(20_00), within=10)


async def test_a_member_of_a_group_sees_and_pays_the_price_of_the_group(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    sku, code = await _import(staff, stock=50), f"trade-{uuid.uuid4().hex[:8]}"
    email, password = f"{uuid.uuid4().hex}@example.com", "long enough to be safe"
    await shopper.register(email, password)
    customer_id = (await shopper.call("GET", "/v1/me")).body["id"]
    await staff.call("PUT", f"/v1/staff/customers/{customer_id}/group", {"customer_group": code})
    await staff.call("POST", "/v1/staff/price-lists", {"code": code, "customer_group": code})
    await staff.call(
        "POST",
        f"/v1/staff/price-lists/{code}/prices",
        {"prices": [{"sku": sku, "price": _eur(11_00)}]},
    )
    public = (await _variant(staff, sku))["price"]

    await shopper.log_in(email, password)
    variant = await _variant(shopper, sku)
    order = await _buy(shopper, variant["id"], 1)

    assert (public, variant["price"]) == (_eur(20_00), _eur(11_00))
    assert order["lines"][0]["item"]["unit_price"] == _eur(11_00)


async def test_what_is_not_there_yet_is_ordered_with_its_date(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    sku, arrival = await _import(staff, stock=0), "2031-05-01T08:00:00Z"
    await staff.call(
        "PUT",
        f"/v1/staff/stock-policies/{sku}",
        {"kind": "backorder", "most": 5, "expected_at": arrival},
    )

    async def is_promised() -> dict[str, Any] | None:
        variant = await _variant(shopper, sku)
        return variant if variant["availability"] == "backorder" else None

    variant = await eventually(is_promised, within=10)
    assert variant is not None
    order = await _buy(shopper, variant["id"], 2)
    receipt = {"sku": sku, "warehouse": "main", "quantity": 6, "reason": "receipt"}
    await staff.call("POST", "/v1/staff/stock-adjustments", {"lines": [receipt]})

    item = order["lines"][0]["item"]
    assert (variant["expected_at"], item["promise"], item["expected_at"]) == (
        arrival,
        "backorder",
        arrival,
    )
    level = (await staff.call("GET", f"/v1/staff/stock-levels/main/{sku}")).body
    assert level["on_hand"] == 4


async def test_a_shopper_finds_where_to_pick_up(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    sku, code = await _import(staff, stock=0), f"shop-{uuid.uuid4().hex[:8]}"
    location = {
        "name": "Harbour",
        "country": "DE",
        "postal_code": "20457",
        "latitude": -12.5,
        "longitude": 45.25,
        "time_zone": "Europe/Berlin",
        "hours": [],
    }
    await staff.call("PUT", f"/v1/staff/pickup-locations/{code}", location)
    await staff.call("PUT", f"/v1/staff/stock-levels/{code}/{sku}", {"on_hand": 9})

    found = (await shopper.call("GET", f"/v1/pickup-locations?near=-12.5,45.26&sku={sku}")).body[
        "locations"
    ]

    assert [(each["location"]["code"], each["distance_meters"]) for each in found] == [
        (code, 1_086)
    ]
    assert found[0]["availability"] == [{"sku": sku, "availability": "in_stock"}]
    assert found[0]["is_open"] is False
    await staff.call("DELETE", f"/v1/staff/pickup-locations/{code}")
