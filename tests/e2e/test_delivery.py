"""Staff keep how goods are delivered, and shoppers are offered that."""

from __future__ import annotations

import uuid
from typing import Any

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.mail import mail_to
from stack.shoppers.shopper import ADDRESS, CARD_OK, Api
from stack.shoppers.virtual_time import advance
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


async def open_store(staff: Api) -> str:
    """Opens a pick-up location of the main warehouse, and returns its code."""
    store = f"store-{uuid.uuid4().hex[:8]}"
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
    return store


async def test_an_order_is_picked_up_in_a_store_with_the_code_of_the_mail(
    platform: Platform, staff: Api, shopper: Api, make_variant: ProductMaker
) -> None:
    store = await open_store(staff)
    email = f"{uuid.uuid4().hex}@example.com"
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


async def test_an_order_that_nobody_collects_is_cancelled_refunded_and_mailed(
    platform: Platform, staff: Api, shopper: Api, make_variant: ProductMaker
) -> None:
    store, code = await open_store(staff), f"collect-{uuid.uuid4().hex[:8]}"
    tariff = {
        "methods": [
            {
                "code": code,
                "kind": "pickup",
                "titles": {"en": "Collect"},
                "zones": [{"zone": "domestic", "least_days": 0, "most_days": 0}],
                "position": 90,
                "pickup_days": 1,
                "pickup_cancel_days": 0,
            }
        ],
        "rates": [
            {
                "code": code,
                "method": code,
                "zone": "domestic",
                "currency": "EUR",
                "basis": "value",
                "brackets": [{"price_minor": 0}],
            }
        ],
    }
    await staff.call("POST", "/v1/staff/delivery/import", tariff)
    email = f"{uuid.uuid4().hex}@example.com"
    cart = await shopper.start_cart((await make_variant(), 1))
    chosen = {"cart_id": cart["id"], "email": email, "pickup_location": store}
    checkout = (await shopper.call("POST", "/v1/checkouts", chosen)).body
    path = f"/v1/checkouts/{checkout['id']}"
    choice = {
        "delivery_option_id": code,
        "payment_method_id": "card",
        "payment_token": CARD_OK,
    }

    async def ready() -> dict[str, Any] | None:
        shown = (await shopper.call("GET", path)).body
        offered = code in [option["id"] for option in shown["delivery_options"]]
        return (await shopper.call("PATCH", path, choice)).body if offered else None

    order = (await shopper.complete(await eventually(ready) or {})).body
    await staff.call("POST", f"/v1/staff/orders/{order['id']}/ready-for-pickup")
    await advance(platform.nats.url(), 2 * 86_400)

    async def cancelled() -> dict[str, Any] | None:
        shown = (await shopper.call("GET", f"/v1/orders/{order['id']}")).body
        return shown if shown["status"] == "cancelled" else None

    shown = await eventually(cancelled, within=20)
    mail = await mail_to(platform.url("mailbox"), email, "cancelled")
    for kind in ("methods", "rates"):
        await staff.call("DELETE", f"/v1/staff/delivery-{kind}/{code}")

    assert shown is not None
    assert shown["payments"][0]["status"] == "refunded"
    assert order["number"] in mail["subject"]


async def test_a_split_order_is_confirmed_with_the_days_of_each_group(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    code = f"parts-{uuid.uuid4().hex[:8]}"
    tariff = {
        "zones": [
            {
                "code": code,
                "title": "Lübeck",
                "places": [{"country": "DE", "postal_prefix": "2355"}],
            }
        ],
        "methods": [
            {
                "code": code,
                "titles": {"en": "In parts"},
                "zones": [{"zone": code, "least_days": 1, "most_days": 2}],
                "split": "always",
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
    await staff.call("POST", "/v1/staff/delivery/import", tariff)
    name, price = f"parts-{uuid.uuid4().hex[:8]}", {"amount_minor": 20_00, "currency": "EUR"}
    products = [
        {
            "external_id": f"{name}-{stock}",
            "slug": f"{name}-{stock}",
            "title": {"en": title},
            "published": True,
            "variants": [
                {
                    "sku": f"{name}-{stock}",
                    "prices": [{"price": price}],
                    "initial_stock": {"": stock},
                }
            ],
        }
        for title, stock in (("Kettle", 9), ("Teapot", 0))
    ]
    await staff.call("POST", "/v1/staff/products/import", {"source": "tests", "products": products})
    policy = {"kind": "backorder", "most": 5, "expected_at": "2031-05-01T08:00:00Z"}
    await staff.call("PUT", f"/v1/staff/stock-policies/{name}-0", policy)

    async def variant_of(slug: str) -> str | None:
        page = (await shopper.call("GET", f"/v1/products/{slug}?currency=EUR")).body
        variant = page["variants"][0]
        return str(variant["id"]) if variant["availability"] != "out_of_stock" else None

    there = await eventually(lambda: variant_of(f"{name}-9"), within=10)
    later = await eventually(lambda: variant_of(f"{name}-0"), within=10)
    cart = await shopper.start_cart((str(there), 1), (str(later), 1))
    email = f"{uuid.uuid4().hex}@example.com"
    made = {"cart_id": cart["id"], "email": email}
    checkout = (await shopper.call("POST", "/v1/checkouts", made)).body
    path = f"/v1/checkouts/{checkout['id']}"
    address = {**ADDRESS, "postal_code": "23552", "address_locality": "Lübeck"}

    async def offered() -> Any:
        shown = (await shopper.call("PATCH", path, {"delivery_address": address})).body
        assert [option["id"] for option in shown["delivery_options"]] == [code]
        return shown["delivery_options"][0]

    option = await eventually(offered)
    choice = {
        "delivery_option_id": code,
        "payment_method_id": "card",
        "payment_token": CARD_OK,
    }
    order = (await shopper.complete((await shopper.call("PATCH", path, choice)).body)).body
    mail = await mail_to(platform.url("mailbox"), email, "confirmed")
    for kind in ("methods", "zones"):
        await staff.call("DELETE", f"/v1/staff/delivery-{kind}/{code}")

    assert [len(each["line_ids"]) for each in option["shipments"]] == [1, 1]
    assert len(order["delivery_option"]["shipments"]) == 2
    groups = [line for line in mail["text"].splitlines() if line.endswith((": Kettle", ": Teapot"))]
    assert len(groups) == 2
    assert "2031: Teapot" in groups[1]
