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

    async def choose() -> dict[str, Any] | None:
        try:
            return dict((await shopper.call("PATCH", own, chosen)).body)
        except ApiError as refused:
            # Another replica may learn of the method up to two seconds later.
            if refused.reason != "UNKNOWN_PAYMENT_METHOD":
                raise
            return None

    checkout = await eventually(choose, within=10)
    assert checkout is not None
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


async def test_an_order_by_bank_transfer_awaits_its_money_which_staff_import_from_a_statement(
    platform: Platform, staff: Api, shopper: Api, variant: str
) -> None:
    code = f"transfer-{uuid.uuid4().hex[:8]}"
    path = f"/v1/staff/payment-methods/{code}"
    rule = {
        "provider": "offline",
        "provider_method": "bank_transfer",
        "descriptions": {"en": "To DE02 1203 0000 0000 2020 51"},
    }
    await staff.call("PUT", path, rule)
    cart = await shopper.start_cart((variant, 1))
    checkout = await shopper.start_checkout(cart["id"], email=an_email())
    own = f"/v1/checkouts/{checkout['id']}"

    async def chosen() -> dict[str, Any] | None:
        offered = (await shopper.call("GET", own)).body["payment_methods"]
        if code not in [method["id"] for method in offered]:
            return None
        try:
            return dict((await shopper.call("PATCH", own, {"payment_method_id": code})).body)
        except ApiError:
            # Another replica knows of the method later.
            return None

    ready = await eventually(chosen, within=10)
    assert ready is not None
    order = await eventually(lambda: _completed(shopper, ready), within=10)
    assert order is not None
    [payment] = order["payments"]
    staffs_path = f"/v1/staff/orders/{order['id']}/shipments"
    with pytest.raises(ApiError) as outstanding:
        await staff.call("POST", staffs_path, {"carrier": "DHL"})
    line = {
        "id": uuid.uuid4().hex,
        "amount": payment["amount"],
        "text": f"Thanks! {payment['reference'][:4]} {payment['reference'][4:]}",
    }
    imported = [
        (await staff.call("POST", "/v1/staff/bank-transfers/import", {"lines": [line]})).body
        for _ in range(2)
    ]
    shipped = (await staff.call("POST", staffs_path, {"carrier": "DHL"})).body
    await staff.call("DELETE", path)

    assert (order["status"], payment["status"]) == ("placed", "pending")
    assert payment["instructions"] == "To DE02 1203 0000 0000 2020 51"
    assert outstanding.value.reason == "PAYMENT_OUTSTANDING"
    assert [each["results"][0]["outcome"] for each in imported] == ["settled", "imported_before"]
    assert shipped["payments"][0]["captured"] == payment["amount"]


async def _completed(shopper: Api, checkout: dict[str, Any]) -> dict[str, Any] | None:
    """Completes a checkout; None where a replica does not know the method yet."""
    try:
        return dict((await shopper.complete(checkout)).body)
    except ApiError as error:
        if error.reason != "PAYMENT_METHOD_NOT_OFFERED":
            raise
        return None
