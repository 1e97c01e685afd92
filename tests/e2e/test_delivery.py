"""Staff keep how goods are delivered, and shoppers are offered that."""

from __future__ import annotations

import uuid
from typing import Any

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.mail import mail_to
from stack.shoppers.shopper import ADDRESS, CARD_OK, Api
from tests.e2e.conftest import ProductMaker


async def test_a_method_that_staff_add_is_offered_where_it_serves_and_shown_in_a_preview(
    staff: Api, shopper: Api, variant: str
) -> None:
    code = f"bike-{uuid.uuid4().hex[:8]}"
    tariff = {
        # A beginning that no other story's address has.
        "zones": [
            {"code": code, "title": "Kiel", "places": [{"country": "DE", "postal_prefix": "24103"}]}
        ],
        "methods": [
            {
                "code": code,
                "titles": {"en": "By bike", "de": "Mit dem Rad"},
                "zones": [{"zone": code, "least_days": 0, "most_days": 0}],
                "cut_off": "11:00",
                "time_zone": "Europe/Berlin",
            }
        ],
        "rates": [
            {
                "code": code,
                "method": code,
                "zone": code,
                "currency": "EUR",
                "basis": "value",
                "brackets": [{"price_minor": 350}],
            }
        ],
    }
    in_kiel = {**ADDRESS, "postal_code": "24103", "address_locality": "Kiel"}
    cart = await shopper.start_cart((variant, 1))

    await staff.call("POST", "/v1/staff/delivery/import", tariff)
    checkout = (await shopper.call("POST", "/v1/checkouts", {"cart_id": cart["id"]})).body
    path = f"/v1/checkouts/{checkout['id']}"

    async def offered() -> Any:
        shown = (await shopper.call("PATCH", path, {"delivery_address": in_kiel})).body
        assert [option["id"] for option in shown["delivery_options"]] == [code]
        return shown["delivery_options"][0]

    option = await eventually(offered)
    preview = await staff.call(
        "POST", "/v1/staff/delivery-preview", {"country": "DE", "postal_code": "24103"}
    )
    refusals = {each["method"]: each.get("refusal") for each in preview.body["methods"]}

    assert (option["title"], option["price"]["amount_minor"]) == ("By bike", 350)
    assert preview.body["zone"] == code
    assert refusals["standard"] == "other_zone"
    for kind in ("methods", "zones"):
        await staff.call("DELETE", f"/v1/staff/delivery-{kind}/{code}")


async def test_an_order_is_picked_up_in_a_store_with_the_code_of_the_mail(
    platform: Platform, staff: Api, shopper: Api, make_variant: ProductMaker
) -> None:
    store = f"store-{uuid.uuid4().hex[:8]}"
    email = f"{uuid.uuid4().hex}@example.com"
    location = {
        "name": "Sojourn Mitte",
        "street_address": "Torstr. 1",
        "address_locality": "Berlin",
        "postal_code": "10119",
        "country": "DE",
        "latitude": 52.529,
        "longitude": 13.401,
        "time_zone": "Europe/Berlin",
        "warehouse": "main",
    }
    await staff.call("PUT", f"/v1/staff/pickup-locations/{store}", location)
    cart = await shopper.start_cart((await make_variant(), 1))
    chosen = {
        "cart_id": cart["id"],
        "email": email,
        "pickup_location": store,
        "delivery_option_id": "pickup",
        "payment_method_id": "card",
        "payment_token": CARD_OK,
    }

    checkout = (await shopper.call("POST", "/v1/checkouts", chosen)).body
    order = (await shopper.complete(checkout)).body
    confirmed = await mail_to(platform.url("mailbox"), email, "confirmed")
    path = f"/v1/staff/orders/{order['id']}"
    await staff.call("POST", f"{path}/ready-for-pickup")
    ready = await mail_to(platform.url("mailbox"), email, "picked up")
    shown = await shopper.call("GET", f"/v1/orders/{order['id']}/pickup-code")
    code = shown.body["pickup_code"]
    done = (await staff.call("POST", f"{path}/collect", {"pickup_code": code})).body

    assert order["delivery_address"] is None
    assert order["pickup"]["store"]["name"] == "Sojourn Mitte"
    assert "Torstr. 1" in confirmed["text"]
    assert code in ready["text"]
    assert (done["status"], done["pickup"]["status"]) == ("delivered", "collected")
