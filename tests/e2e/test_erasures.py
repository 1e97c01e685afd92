"""The story of a customer who has their account erased."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.mail import mail_to, token_in
from stack.shoppers.shopper import Api, ApiError
from tests.e2e.conftest import a_product

PASSWORD = "long enough to be safe"


async def test_an_erased_customer_is_forgotten_by_all_services(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    variant_id = await a_product(staff, stock=0)
    await shopper.register(email, PASSWORD)
    customer_id = (await shopper.call("GET", "/v1/me")).body["id"]
    mail = await mail_to(platform.url("mailbox"), email, "confirm your address")
    confirmation = {"token": token_in(mail, "/account/confirm")}
    await shopper.call("POST", "/v1/customers/confirm", confirmation)
    wish = {"variant_id": variant_id, "kind": "back_in_stock", "email": email}
    await shopper.call("POST", "/v1/subscriptions/alerts", wish)

    async def is_welcomed() -> bool:
        path = f"/v1/staff/messages?owner_id={customer_id}&state=sent"
        return len((await staff.call("GET", path)).body["messages"]) >= 2

    await eventually(is_welcomed, within=20)

    async def reason_of(method: str, path: str, body: Any = None) -> str:
        with pytest.raises(ApiError) as refusal:
            await shopper.call(method, path, body)
        return refusal.value.reason

    wrong = await reason_of("POST", "/v1/me/erasure", {"password": "not the password"})
    erased = (await shopper.call("POST", "/v1/me/erasure", {"password": PASSWORD})).body
    again = (await shopper.call("POST", "/v1/me/erasure", {"password": PASSWORD})).body
    await staff.call("DELETE", f"/v1/staff/customers/{customer_id}")

    assert wrong == "WRONG_CREDENTIALS"
    assert erased["customer_id"] == customer_id
    assert again == erased
    assert await reason_of("GET", "/v1/me") == "CUSTOMER_NOT_FOUND"

    async def is_forgotten() -> bool:
        mails = await staff.call("GET", f"/v1/staff/messages?owner_id={customer_id}")
        alerts = await shopper.call("GET", "/v1/me/alerts")
        return not mails.body["messages"] and not alerts.body["alerts"]

    await eventually(is_forgotten, within=20)
