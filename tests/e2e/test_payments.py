"""Staff say how shoppers may pay, and shoppers pay so."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from chassis.testing import an_email, eventually
from stack.platform import Platform
from stack.shoppers.shopper import Api, ApiError


async def test_a_preferred_method_is_offered_paid_with_changed_under_its_etag_and_withdrawn(
    platform: Platform, staff: Api, shopper: Api, variant: str
) -> None:
    code = f"card-{uuid.uuid4().hex[:8]}"
    path = f"/v1/staff/payment-methods/{code}"
    rule = {
        "provider": "simulator",
        "provider_method": "card",
        "titles": {"en": "Card of the house", "de": "Hauskarte"},
        "countries": ["DE"],
        "currencies": ["EUR"],
        "amount_from_minor": 1,
        "preferred": True,
    }
    made = await staff.call("PUT", path, rule)
    cart = await shopper.start_cart((variant, 1))
    checkout = await shopper.start_checkout(cart["id"], email=an_email())
    own = f"/v1/checkouts/{checkout['id']}"

    async def first() -> dict[str, Any] | None:
        offered = (await shopper.call("GET", own)).body["payment_methods"]
        return dict(offered[0]) if offered and offered[0]["id"] == code else None

    method = await eventually(first, within=10)
    assert method is not None
    chosen = {"payment_method_id": code, "payment_token": "pm_card_ok"}
    checkout = (await shopper.call("PATCH", own, chosen)).body
    order = (await shopper.complete(checkout)).body
    with pytest.raises(ApiError) as stale:
        await staff.call("PUT", path, {**rule, "active": False}, headers={"If-Match": '"9"'})
    await staff.call(
        "PUT", path, {**rule, "active": False}, headers={"If-Match": made.headers["etag"]}
    )
    cart = await shopper.start_cart((variant, 1))
    other = await shopper.call("POST", "/v1/checkouts", {"cart_id": cart["id"]})

    async def is_withdrawn() -> bool:
        shown = await shopper.call("GET", f"/v1/checkouts/{other.body['id']}")
        return code not in [each["id"] for each in shown.body["payment_methods"]]

    await eventually(is_withdrawn, within=10)
    await staff.call("DELETE", path)

    assert (method["needs_token"], method["preferred"], method["provider"]) == (
        True,
        True,
        "simulator",
    )
    assert method["title"] in ("Card of the house", "Hauskarte")
    assert order["status"] == "placed"
    assert order["payments"][0]["status"] == "captured"
    assert stale.value.status == 412
