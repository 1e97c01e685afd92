"""Staff keep how goods are delivered, and shoppers are offered that."""

from __future__ import annotations

import uuid
from typing import Any

from chassis.testing import eventually
from stack.shoppers.shopper import ADDRESS, Api


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
        [option] = shown["delivery_options"]
        assert option["id"] == code
        return option

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
