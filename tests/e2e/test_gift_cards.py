"""A gift card is sold, mailed, pays beside a card, and gets its share of a return back."""

from __future__ import annotations

import uuid
from typing import Any

from chassis.testing import eventually
from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers.mail import mail_to
from stack.shoppers.shopper import CARD_OK, Api, total_of
from tests.e2e.conftest import ProductMaker


async def buy_gift_card(staff: Api, shopper: Api, price: int, email: str, to: str) -> Any:
    """Sells a gift card of a new product. Returns the order."""
    sku = f"gift-{uuid.uuid4().hex[:8]}"
    prices = [{"price": {"amount_minor": price, "currency": "EUR"}}]
    variant = {"sku": sku, "prices": prices, "initial_stock": {"": 0}}
    product = {
        "external_id": sku, "slug": sku, "title": {"en": "Gift card"}, "published": True,
        "variants": [variant],
    }  # fmt: skip
    await staff.call(
        "POST", "/v1/staff/products/import", {"source": "stories", "products": [product]}
    )
    made = await staff.call("PUT", f"/v1/staff/gift-card-variants/{sku}", {})
    assert made.body["face_values"] == []

    async def on_sale() -> Any:
        page = (await shopper.call("GET", f"/v1/products/{sku}?currency=EUR")).body
        assert page["variants"][0]["availability"] != "out_of_stock"
        return page["variants"][0]

    cart = await shopper.start_cart(((await eventually(on_sale))["id"], 1))
    chosen = {
        "cart_id": cart["id"], "email": email,
        "payment_method_id": "card", "payment_token": CARD_OK,
    }  # fmt: skip
    checkout = (await shopper.call("POST", "/v1/checkouts", chosen)).body
    gift = {"line_id": cart["lines"][0]["id"], "email": to, "sender_name": "Ada"}
    checkout = (
        await shopper.call(
            "PATCH",
            f"/v1/checkouts/{checkout['id']}",
            {"gift_card_deliveries": {"deliveries": [gift]}},
        )
    ).body
    return (await shopper.complete(checkout)).body


async def test_a_gift_card_is_bought_mailed_spent_beside_a_card_and_refunded_in_its_share(
    platform: Platform, staff: Api, shopper: Api, make_variant: ProductMaker
) -> None:
    mark = uuid.uuid4().hex
    email, friend = f"{mark}@example.com", f"friend-{mark}@example.com"
    gift = await buy_gift_card(staff, shopper, 10_00, email, friend)
    path = f"/v1/orders/{gift['id']}/gift-cards"

    async def issued() -> Any:
        found = (await shopper.call("GET", path)).body["gift_cards"]
        assert found
        return found[0]

    card = await eventually(issued, within=20)
    mail = await mail_to(platform.url("mailbox"), friend, "gift card")
    code = next(line for line in mail["text"].splitlines() if line.startswith("Code: "))[6:].strip()

    cart = await shopper.start_cart((await make_variant(), 1))
    checkout = await shopper.start_checkout(cart["id"], email=email)
    shown = (
        await shopper.call("POST", f"/v1/checkouts/{checkout['id']}/gift-cards", {"code": code})
    ).body
    order = (await shopper.complete(shown)).body
    total, [line] = total_of(order), order["lines"]
    shipments = f"/v1/staff/orders/{order['id']}/shipments"
    parcel = {"carrier": "DHL", "tracking_number": "0034"}
    [shipment] = (await staff.call("POST", shipments, parcel)).body["shipments"]
    await staff.call("POST", f"{shipments}/{shipment['id']}/delivered")
    asked = await shopper.call(
        "POST",
        f"/v1/orders/{order['id']}/returns",
        {"lines": [{"order_line_id": line["id"], "quantity": 1, "reason": "wrong-size"}]},
    )
    one = f"/v1/staff/returns/{asked.body['id']}"
    back = {"order_line_id": line["id"], "quantity": 1, "condition": "as_new", "restock": True}
    await staff.call("POST", f"{one}/receive", {"lines": [back]})
    done = (await staff.call("POST", f"{one}/refund", {})).body
    left = (await shopper.call("POST", "/v1/gift-cards/balance", {"code": code})).body
    kept = (await staff.call("GET", f"/v1/staff/gift-cards/{card['id']}/entries")).body["entries"]

    assert gift["status"] == "delivered"
    assert (card["code"], card["email"]) == ("", friend)
    assert shown["due"]["amount_minor"] == total - 10_00
    by_provider = {each["provider"]: each for each in order["payments"]}
    assert by_provider["gift_card"]["captured"]["amount_minor"] == 10_00
    assert by_provider["simulator"]["captured"]["amount_minor"] == total - 10_00
    assert done["status"] == "refunded"
    refunded = done["refunded"]["amount_minor"]
    to_card = left["available"]["amount_minor"]
    assert 0 < to_card <= 10_00
    assert (await chaos.charges(platform)).get(order["id"], 0) == total - refunded - 10_00 + to_card
    assert [each["kind"] for each in kept] == ["refund", "capture", "issue"]
    assert sum(each["amount"]["amount_minor"] for each in kept) == to_card
