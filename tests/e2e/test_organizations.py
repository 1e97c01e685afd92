"""Companies that buy: their members' prices and credit, their managers' view of all orders."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from stack.platform import Platform
from stack.shoppers.mail import mail_to
from stack.shoppers.shopper import Api, ApiError, total_of
from tests.e2e.conftest import ProductMaker

PASSWORD = "long enough to be safe"


def _eur(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "EUR"}


async def test_members_buy_at_the_prices_and_on_the_credit_of_their_organization(
    platform: Platform, staff: Api, make_variant: ProductMaker
) -> None:
    code, sold = f"org-{uuid.uuid4().hex[:8]}", await make_variant()
    made = (await staff.call("POST", "/v1/staff/organizations", {"name": "Miller & Sons"})).body
    lists = "/v1/staff/price-lists"
    await staff.call("POST", lists, {"code": code, "organization_id": made["id"]})
    sku = await _sku_of(staff, sold)
    price = {"sku": sku, "price": _eur(7_00)}
    await staff.call("POST", f"{lists}/{code}/prices", {"prices": [price]})
    limit = {"organization_id": made["id"], "limit": _eur(500_00), "payment_days": 30}
    await staff.call("PUT", f"/v1/staff/credit-limits/{code}", limit)
    method = {"provider": "offline", "provider_method": "invoice", "titles": {"en": "Invoice"}}
    await staff.call("PUT", f"/v1/staff/payment-methods/{code}", method)
    manager_email, buyer_email = (f"{uuid.uuid4().hex}@example.com" for _ in range(2))

    async with Api(platform.gateway_urls) as manager, Api(platform.gateway_urls) as buyer:
        manager_id = (await manager.register(manager_email, PASSWORD)).body["subject_id"]
        members = f"/v1/staff/organizations/{made['id']}/members"
        await staff.call("PUT", f"{members}/{manager_id}", {"role": "manager"})
        await manager.log_in(manager_email, PASSWORD)
        mine = f"/v1/me/organizations/{made['id']}"
        invited = {"email": buyer_email, "role": "buyer"}
        await manager.call("POST", f"{mine}/invitations", invited)
        await mail_to(platform.url("mailbox"), buyer_email, "Miller & Sons invites you")

        # Staff stand in for the confirmation of the address, which has a story of its own.
        session = (await buyer.register(buyer_email, PASSWORD)).body
        await staff.call("PUT", f"{members}/{session['subject_id']}", {"role": "buyer"})
        [known] = (await buyer.call("GET", "/v1/me/organizations")).body["organizations"]
        await buyer.log_in(buyer_email, PASSWORD)
        cart = await buyer.start_cart((sold, 2))
        checkout = await buyer.start_checkout(cart["id"], email=buyer_email, method=code)
        order = (await buyer.complete(checkout)).body

        listed = (await manager.call("GET", "/v1/orders?of_organization=true")).body["orders"]
        with pytest.raises(ApiError) as refusal:
            await buyer.call("GET", "/v1/orders?of_organization=true")

    assert (known["name"], known["role"], known["invited"]) == ("Miller & Sons", "buyer", False)
    assert order["lines"][0]["item"]["unit_price"] == _eur(7_00)
    assert [one["id"] for one in listed] == [order["id"]]
    assert refusal.value.reason == "ORGANIZATION_MANAGERS_ONLY"
    owed = (await staff.call("GET", f"/v1/staff/credit-limits/{code}")).body["outstanding"]
    assert owed["amount_minor"] == total_of(order)


async def test_a_customer_chooses_for_whom_they_buy_and_staff_buy_for_the_same(
    platform: Platform, staff: Api, make_variant: ProductMaker
) -> None:
    sold, email = await make_variant(), f"{uuid.uuid4().hex}@example.com"
    made = [
        (await staff.call("POST", "/v1/staff/organizations", {"name": name})).body
        for name in ("North", "South")
    ]

    async with Api(platform.gateway_urls) as shopper, Api(platform.gateway_urls) as desk:
        session = (await shopper.register(email, PASSWORD)).body
        for each in made:
            path = f"/v1/staff/organizations/{each['id']}/members/{session['subject_id']}"
            await staff.call("PUT", path, {"role": "manager"})
        choice = {"refresh_token": session["refresh_token"], "organization_id": made[1]["id"]}
        chosen = (await shopper.call("POST", "/v1/sessions/refresh", choice)).body
        shopper.token = chosen["access_token"]
        await shopper.buy((sold, 1), email=email)
        acting = {
            "customer_id": session["subject_id"],
            "organization_id": made[1]["id"],
            "via": "call_center",
        }
        desk.token = (await staff.call("POST", "/v1/staff/shopper-sessions", acting)).body[
            "access_token"
        ]
        await desk.buy((sold, 1), email=email)
        south = (await shopper.call("GET", "/v1/orders?of_organization=true")).body["orders"]
        search = {"organization_id": made[0]["id"]}
        north = (await staff.call("POST", "/v1/staff/orders/search", search)).body["orders"]

    assert chosen["organization_id"] == made[1]["id"]
    assert [one["placed_via"] for one in south] == ["call_center", None]
    assert north == []


async def _sku_of(staff: Api, variant_id: str) -> str:
    async with Api(staff.urls) as shopper:
        await shopper.become_guest()
        cart = await shopper.start_cart((variant_id, 1))
    return str(cart["lines"][0]["item"]["sku"])
