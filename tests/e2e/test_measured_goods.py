"""Goods by weight and length have the right price, mass, unit and text everywhere."""

import uuid
from typing import Any, Final

from stack.platform import Platform
from stack.shoppers.mail import mail_to
from stack.shoppers.shopper import Api

# 1.25 kg at 19.90 EUR are 24.875 EUR, rounded half to even; 3.5 m at 2.00 EUR are 7.00 EUR.
COFFEE_STEPS: Final = 1250
ROPE_STEPS: Final = 350
COFFEE_MINOR, ROPE_MINOR = 2_488, 700


async def _import(staff: Api, title: str, price_minor: int, **variant: Any) -> str:
    sku = f"measured-{uuid.uuid4().hex[:8]}"
    product = {
        "external_id": sku,
        "slug": sku,
        "title": {"en": title},
        "published": True,
        "variants": [
            {
                "sku": sku,
                "prices": [{"price": {"amount_minor": price_minor, "currency": "EUR"}}],
                "initial_stock": {"": 10_000},
                **variant,
            }
        ],
    }
    await staff.call(
        "POST", "/v1/staff/products/import", {"source": "stories", "products": [product]}
    )
    page = (await staff.call("GET", f"/v1/products/{sku}?currency=EUR")).body
    return str(page["variants"][0]["id"])


def _by_unit(lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {line["item"]["quantity"]["unit_code"]: line["item"] for line in lines}


async def test_coffee_by_the_kilogram_and_rope_by_the_metre_are_bought_shipped_and_partly_refunded(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    coffee = await _import(
        staff, "Coffee beans", 1_990, unit_code="KGM", scale=3, increment=50, weight_grams=1_000,
        volume_cm3=3_001,
    )  # fmt: skip
    rope = await _import(
        staff, "Rope by the metre", 200, unit_code="MTR", scale=2, increment=10, weight_grams=70
    )

    cart = await shopper.start_cart((coffee, COFFEE_STEPS), (rope, ROPE_STEPS))
    checkout = await shopper.start_checkout(cart["id"], email=email)
    order = (await shopper.complete(checkout)).body
    path = f"/v1/staff/orders/{order['id']}"
    shipment = (
        await staff.call("POST", f"{path}/shipments", {"carrier": "DHL", "tracking_number": "1"})
    ).body
    await staff.call(
        "POST",
        f"{path}/refunds",
        {"amount": {"amount_minor": 1_000, "currency": "EUR"}, "reason": "other"},
    )

    in_cart, in_order = _by_unit(cart["lines"]), _by_unit(order["lines"])
    in_shipment = _by_unit(shipment["shipments"][0]["lines"])
    # Before discounts: other stories may have promotions in force.
    for lines in (in_cart, in_order, in_shipment):
        assert lines["KGM"]["quantity"] == {
            "steps": COFFEE_STEPS,
            "scale": 3,
            "increment": 50,
            "unit_code": "KGM",
        }
        assert lines["MTR"]["quantity"] == {
            "steps": ROPE_STEPS,
            "scale": 2,
            "increment": 10,
            "unit_code": "MTR",
        }
        assert [lines[unit]["subtotal"]["amount_minor"] for unit in ("KGM", "MTR")] == [
            COFFEE_MINOR,
            ROPE_MINOR,
        ]
        assert [lines[unit]["mass_grams"] for unit in ("KGM", "MTR")] == [1_250, 245]
        assert [lines[unit]["volume_cm3"] for unit in ("KGM", "MTR")] == [3_752, 0]
    # 1,250 g and 245 g are less than the two kilograms of the least tariff.
    assert [
        option["price"]["amount_minor"]
        for option in cart["delivery_options"]
        if option["id"] == "standard"
    ] == [490]

    confirmation = await mail_to(platform.url("mailbox"), email, "confirmed")
    shipped = await mail_to(platform.url("mailbox"), email, "way")
    for mail in (confirmation, shipped):
        assert "1.25 kg Coffee beans" in mail["text"]
        assert "3.5 m Rope by the metre" in mail["text"]
        assert "1250 ×" not in mail["text"]
    after = (await staff.call("GET", f"/v1/orders/{order['id']}")).body
    assert after["payments"][0]["refunded"]["amount_minor"] == 1_000
