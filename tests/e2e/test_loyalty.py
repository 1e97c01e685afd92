"""Loyalty points: earned by an order, they pay the next one beside a gift card and a card."""

from __future__ import annotations

import uuid
from typing import Any

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.shopper import Api, total_of
from tests.e2e.conftest import ProductMaker

PASSWORD = "long enough to be safe"


def _eur(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "EUR"}


async def test_points_of_an_order_pay_the_next_beside_a_gift_card_and_a_card(
    platform: Platform, staff: Api, shopper: Api, make_variant: ProductMaker
) -> None:
    rule = {
        "earned_points": 1,
        "earned_per": _eur(1_00),
        "redeemed_points": 5,
        "redeemed_for": _eur(1_00),
    }
    await staff.call("PUT", "/v1/staff/loyalty-rules/all", rule)
    sold, email = await make_variant(), f"{uuid.uuid4().hex}@example.com"
    await shopper.register(email, PASSWORD)

    async def earns() -> int:
        order = (await shopper.buy((sold, 2), email=email)).body
        await staff.call("POST", f"/v1/staff/orders/{order['id']}/shipments", {"carrier": "DHL"})
        return int((await shopper.call("GET", "/v1/me/points")).body["available"])

    # The rule counts within seconds; the points come with the commit after the shipment.
    points = await eventually(earns, within=30)
    card = (await staff.call("POST", "/v1/staff/gift-cards", {"amount": _eur(2_00)})).body
    redeemed = {"points": points // 5 * 5, "currency": "EUR"}
    await shopper.call("POST", "/v1/me/points/redemptions", redeemed)
    cart = await shopper.start_cart((sold, 2))
    checkout = await shopper.start_checkout(cart["id"], email=email)
    path = f"/v1/checkouts/{checkout['id']}"
    await shopper.call("POST", f"{path}/gift-cards", {"code": card["code"]})
    checkout = (await shopper.call("POST", f"{path}/store-credit")).body
    order = (await shopper.complete(checkout)).body

    paid = {one["method"]: one["captured"]["amount_minor"] for one in order["payments"]}
    assert (paid["gift_card"], paid["store_credit"]) == (2_00, points // 5 * 1_00)
    assert sum(paid.values()) == total_of(order)
    entries = (await shopper.call("GET", "/v1/me/points/entries")).body["entries"]
    assert {one["kind"] for one in entries} == {"earned", "redeemed"}
    listed = (await staff.call("GET", "/v1/staff/loyalty-rules")).body["loyalty_rules"]
    assert "all" in [one["code"] for one in listed]
    await staff.call("DELETE", "/v1/staff/loyalty-rules/all")
