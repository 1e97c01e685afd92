"""A known customer orders with one call."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers.shopper import ADDRESS, Api, ApiError, total_of


async def test_a_customer_orders_with_one_call_and_what_is_missing_is_said(
    platform: Platform, shopper: Api, variant: str
) -> None:
    await shopper.register(f"{uuid.uuid4().hex}@example.com", "long enough to be safe")
    cart, key = await shopper.start_cart((variant, 1)), str(uuid.uuid4())
    seen = {"amount_minor": 1, "currency": "EUR"}
    body = {"cart_id": cart["id"], "payment_token": "pm_card_ok", "expected_total": seen}

    with pytest.raises(ApiError) as refused:
        await shopper.call("POST", "/v1/orders", body)
    address = {"address": ADDRESS, "is_default": True}
    await shopper.call("POST", "/v1/me/addresses", address)
    with pytest.raises(ApiError) as changed:
        await shopper.call("POST", "/v1/orders", body)
    body["expected_total"] = {
        **seen,
        "amount_minor": int(changed.value.problem["metadata"]["total_minor"]),
    }
    replies = await asyncio.gather(
        *(shopper.call("POST", "/v1/orders", body, key=key) for _ in range(3))
    )

    missing = refused.value.problem
    assert (refused.value.reason, missing["metadata"]["missing"]) == (
        "CHECKOUT_NOT_READY",
        "missing_delivery_address",
    )
    assert changed.value.reason == "PRICE_CHANGED"
    [order] = {reply.body["id"]: reply.body for reply in replies}.values()
    assert (order["status"], order["number"][:1]) == ("placed", "S")
    assert (await chaos.charges(platform))[order["id"]] == total_of(order)
