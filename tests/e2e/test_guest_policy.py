"""A trade channel: guests look without prices, customers log in and buy."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.shopper import Api, ApiError


async def test_guests_of_a_trade_channel_see_no_prices_and_customers_buy(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    code = f"trade-{uuid.uuid4().hex[:8]}"
    channel = {
        "code": code,
        "name": "Trade",
        "locales": ["en"],
        "currencies": ["EUR"],
        "countries": ["DE"],
        "warehouses": ["main"],
        "price_list": "default",
        "guest_policy": "no_prices",
    }
    await staff.call("POST", "/v1/staff/channels", channel)
    price = {"price": {"amount_minor": 20_00, "currency": "EUR"}}
    product = {
        "external_id": code,
        "slug": code,
        "title": {"en": "Trade teapot"},
        "published": True,
        "variants": [{"sku": code, "prices": [price], "initial_stock": {"": 9}}],
    }
    await staff.call(
        "POST", "/v1/staff/products/import", {"source": "stories", "products": [product]}
    )
    here = {"Sojourn-Channel": code}

    async def seen(by: Api) -> Any:
        try:
            return (await by.call("GET", f"/v1/products/{code}", headers=here)).body
        except ApiError:
            return None

    async def reason_of(method: str, path: str, body: Any = None) -> str:
        with pytest.raises(ApiError) as refusal:
            await shopper.call(method, path, body, headers=here)
        assert refusal.value.status == 403
        return refusal.value.reason

    guests = await eventually(lambda: seen(shopper), within=20)
    [variant] = guests["variants"]
    wanted = {"lines": [{"variant_id": variant["id"], "quantity": 1}]}
    refused = await reason_of("POST", "/v1/carts", wanted)
    ordered = await reason_of("GET", "/v1/products?sort=price_ascending")
    await shopper.register(f"{uuid.uuid4().hex}@example.com", "long enough to be safe")
    customers = await seen(shopper)
    cart = await shopper.call("POST", "/v1/carts", wanted, headers=here)

    assert (guests["guest_policy"], variant["price"]) == ("no_prices", None)
    assert (refused, ordered) == ("LOGIN_REQUIRED", "PRICES_HIDDEN")
    assert customers["variants"][0]["price"]["amount_minor"] == 20_00
    assert cart.body["lines"][0]["item"]["unit_price"]["amount_minor"] == 20_00
