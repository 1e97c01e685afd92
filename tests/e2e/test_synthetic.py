"""A synthetic shopper buys as customers do, and counts for nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers import shop
from stack.shoppers.mail import mails_to
from stack.shoppers.shopper import Api, ApiError

SKU = "SYNTHETIC"
COUNTED = {
    "orders_total", "revenue_minor_total", "refunded_minor_total", "payments_total",
    "checkout_seconds_count", "carts_total",
    "redemptions_total", "touchpoints_noted_total",
}  # fmt: skip


@pytest.fixture
async def synthetic(platform: Platform) -> AsyncIterator[Api]:
    """A synthetic shopper who would agree to everything."""
    async with Api(
        platform.gateway_urls, consent="analytics", keeps_visitor=True, session_id=str(uuid7())
    ) as api:
        await api.become_synthetic(platform.synthetic_api_key)
        yield api


async def counted(platform: Platform) -> dict[str, float]:
    """Returns the business metrics over all replicas; of requests, those that the funnel reads."""
    found: dict[str, float] = {}
    async with httpx.AsyncClient() as client:
        for name in (
            instance.name
            for instance in platform.instances
            if instance.component.name in ("gateway", "cart", "checkout")
        ):
            page = (await client.get(f"{platform.url(name, 'admin')}/metrics")).text
            for sample in (
                sample
                for family in text_string_to_metric_families(page)
                for sample in family.samples
            ):
                if sample.name in COUNTED or (
                    sample.name == "http_requests_total" and not sample.labels["synthetic"]
                ):
                    series = f"{sample.name}{sorted(sample.labels.items())}"
                    found[series] = found.get(series, 0) + sample.value
    # Staff are no customers, nor is who asks for a synthetic session not yet known as synthetic.
    others = ("/v1/staff/", "/v1/webhooks/", "/v1/sessions")
    return {
        series: value
        for series, value in found.items()
        if value and not any(path in series for path in others)
    }


async def published(platform: Platform, type: str) -> float:
    """Returns the count of events of a type that the broker took from checkout."""
    found = 0.0
    async with httpx.AsyncClient() as client:
        for name in (
            instance.name
            for instance in platform.instances
            if instance.component.name == "checkout"
        ):
            page = (await client.get(f"{platform.url(name, 'admin')}/metrics")).text
            samples = (
                sample
                for family in text_string_to_metric_families(page)
                for sample in family.samples
            )
            found += sum(
                sample.value
                for sample in samples
                if sample.name == "events_published_total" and sample.labels["type"] == type
            )
    return found


async def stock(staff: Api) -> list[tuple[int, int]]:
    levels = (await staff.call("GET", f"/v1/staff/stock/{SKU}")).body["levels"]
    return [(level["on_hand"], level["reserved"]) for level in levels]


async def refusal_of(api: Api, method: str, path: str, body: Any = None) -> tuple[int, str]:
    with pytest.raises(ApiError) as refusal:
        await api.call(method, path, body)
    return refusal.value.status, refusal.value.reason


async def cancelled(api: Api, order_id: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        order = dict((await api.call("GET", f"/v1/orders/{order_id}")).body)
        return order if order["status"] == "cancelled" else None

    order = await eventually(look, within=20)
    assert order is not None
    return order


async def offer_of(synthetic: Api) -> dict[str, Any]:
    (offer,) = (await synthetic.call("GET", "/v1/synthetic/offers")).body["offers"]
    return dict(offer)


async def test_a_purchase_from_the_command_line_is_paid_cancelled_and_forgotten(
    platform: Platform, staff: Api, tmp_path: Path
) -> None:
    key = tmp_path / "api-key"
    key.write_text(platform.synthetic_api_key)
    before, on_hand = await counted(platform), await stock(staff)

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "stack.shoppers.shop",
        "--url",
        platform.gateway_url,
        "--api-key-file",
        str(key),
        stdout=asyncio.subprocess.PIPE,
    )
    told = (await process.communicate())[0].decode()

    lines = [line.split() for line in told.splitlines()]
    assert process.returncode == 0, told
    assert [line[0] for line in lines] == [*shop.STEPS, "bought"]
    number = lines[-1][-1]
    orders = (await staff.call("GET", "/v1/staff/orders?status=cancelled")).body["orders"]
    order = next(order for order in orders if order["number"] == number)
    assert (
        order["synthetic"],
        order["shipments"],
        [line["item"]["sku"] for line in order["lines"]],
    ) == (True, [], [SKU])
    assert [
        (payment["provider"], payment["refunded"] == payment["amount"])
        for payment in order["payments"]
    ] == [("simulator", True)]
    assert [event["status"] for event in order["history"] if not event["refund_id"]] == [
        "pending",
        "placed",
        "cancelling",
        "cancelled",
    ]
    assert {event["actor"] for event in order["history"][2:]} == {"system"}
    assert order["id"] not in await chaos.charges(platform)
    assert await stock(staff) == on_hand
    assert await counted(platform) == before


async def test_it_is_mailed_to_nobody_and_on_no_journey(
    platform: Platform, staff: Api, synthetic: Api, variant: str
) -> None:
    email, other_email = (f"{uuid7().hex}@example.com" for _ in range(2))
    type = "sojourn.checkout.v1.OrderCancelled"
    before, offer = await published(platform, type), await offer_of(synthetic)
    order = await synthetic.buy((offer["variant_id"], 1), email=email)
    await cancelled(synthetic, order.body["id"])

    # The broker takes its events, though no consumer hears them.
    async def is_published() -> bool:
        return await published(platform, type) > before

    await eventually(is_published, within=10)

    # What a customer does after it comes to the mail box and on the journey.
    async with Api(platform.gateway_urls, consent="analytics", keeps_visitor=True) as other:
        await other.become_guest()
        bought = (await other.buy((variant, 1), email=other_email)).body

        async def is_told() -> bool:
            journey = await staff.journey(order_id=bought["id"])
            kinds = {touchpoint["kind"] for touchpoint in journey["touchpoints"]}
            return "order.placed" in kinds and bool(
                await mails_to(platform.url("mailbox"), other_email)
            )

        await eventually(is_told, within=30)

    assert await mails_to(platform.url("mailbox"), email) == []
    for who in (f"order_id={order.body['id']}", f"visitor_id={synthetic.visitor_id}"):
        assert (await refusal_of(staff, "GET", f"/v1/staff/journeys?{who}"))[0] == 404


async def test_a_shopper_that_dies_after_paying_leaves_nothing(staff: Api, synthetic: Api) -> None:
    on_hand, offer = await stock(staff), await offer_of(synthetic)

    order = (await synthetic.buy((offer["variant_id"], 2))).body

    # It is not heard of again: staff look instead.
    async def is_over() -> bool:
        found = (await staff.call("GET", "/v1/staff/orders?status=cancelled")).body["orders"]
        return order["id"] in [each["id"] for each in found]

    await eventually(is_over, within=20)
    assert await stock(staff) == on_hand


async def test_its_order_is_never_shipped(staff: Api, synthetic: Api) -> None:
    offer = await offer_of(synthetic)
    order = (await synthetic.buy((offer["variant_id"], 1))).body

    refusal = await refusal_of(
        staff,
        "POST",
        f"/v1/staff/orders/{order['id']}/shipments",
        {"carrier": "DHL", "tracking_number": "1"},
    )

    assert refusal == (409, "SYNTHETIC_ORDER")


async def test_customers_neither_see_nor_buy_its_product_nor_it_theirs(
    synthetic: Api, shopper: Api, variant: str
) -> None:
    offer = await offer_of(synthetic)
    cart = await shopper.start_cart((variant, 1))
    line = {"variant_id": offer["variant_id"], "quantity": 1}

    assert await refusal_of(shopper, "POST", f"/v1/carts/{cart['id']}/lines", line) == (
        422,
        "UNKNOWN_VARIANT",
    )
    assert await refusal_of(shopper, "POST", "/v1/carts", {"currency": "EUR", "lines": [line]}) == (
        422,
        "UNKNOWN_VARIANT",
    )
    assert (await refusal_of(shopper, "GET", f"/v1/products/{offer['product_slug']}"))[0] == 404
    assert (await refusal_of(shopper, "GET", "/v1/synthetic/offers"))[0] == 403
    found = (await shopper.call("GET", "/v1/search?q=synthetic")).body
    assert offer["product_id"] not in [card["id"] for card in found["products"]]
    real = {"variant_id": variant, "quantity": 1}
    assert await refusal_of(
        synthetic, "POST", "/v1/carts", {"currency": "EUR", "lines": [real]}
    ) == (422, "UNKNOWN_VARIANT")


async def test_whoever_only_claims_to_be_synthetic_is_a_customer(
    shopper: Api, variant: str
) -> None:
    claims = {
        "Sojourn-Synthetic": "true",
        "X-Synthetic": "1",
        "baggage": "synthetic=true,scope=synthetic",
    }
    shopper.client.headers.update(claims)

    for path, body in (
        ("/v1/carts", {"currency": "EUR", "lines": []}),
        ("/v1/checkouts", {"cart_id": str(uuid7())}),
    ):
        assert (await refusal_of(shopper, "POST", path, {**body, "synthetic": True}))[0] == 422
    assert (await refusal_of(shopper, "GET", "/v1/synthetic/offers"))[0] == 403
    order = (await shopper.buy((variant, 1))).body

    assert (order["status"], order["synthetic"]) == ("placed", False)
    assert (await shopper.call("GET", f"/v1/orders/{order['id']}")).body["status"] == "placed"


async def test_keys_are_given_and_taken_by_staff(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    new = {"name": f"probe {uuid7().hex}", "role": "synthetic"}
    made = (await staff.call("POST", "/v1/staff/api-keys", new)).body
    key = {"api_key": made["api_key"]}

    session = (await shopper.call("POST", "/v1/sessions/api-key", key)).body
    assert (session["kind"], session["refresh_token"]) == ("guest", "")
    listed = (await staff.call("GET", "/v1/staff/api-keys")).body["keys"]
    assert next(each for each in listed if each["id"] == made["key"]["id"])["last_used_at"]
    assert made["api_key"] not in str(listed)
    await staff.call("DELETE", f"/v1/staff/api-keys/{made['key']['id']}")

    assert await refusal_of(shopper, "POST", "/v1/sessions/api-key", key) == (
        401,
        "WRONG_CREDENTIALS",
    )
    assert (await refusal_of(shopper, "POST", "/v1/staff/api-keys", new))[0] == 403


async def test_it_leaves_no_account_no_saved_cart_and_no_used_promotion(
    staff: Api, synthetic: Api, shopper: Api
) -> None:
    code = f"all-{uuid7().hex[-8:]}"
    await staff.call(
        "PUT",
        f"/v1/staff/promotions/{code}",
        {"label": {"en": "All"}, "percent_basis_points": 500, "coupon_codes": [code.upper()]},
    )
    offer = await offer_of(synthetic)
    cart = await synthetic.start_cart((offer["variant_id"], 1))

    coupon = await refusal_of(synthetic, "POST", f"/v1/carts/{cart['id']}/coupons", {"code": code})
    saved = await refusal_of(
        synthetic,
        "POST",
        f"/v1/carts/{cart['id']}/save",
        {"email": "a@example.com", "remind": True},
    )
    account = {"email": f"{uuid7().hex}@example.com", "password": "long enough to be safe"}
    registered = await refusal_of(synthetic, "POST", "/v1/customers", account)

    assert (coupon, saved) == ((409, "COUPON_NOT_VALID"), (409, "SYNTHETIC_SHOPPER"))
    assert registered == (422, "INVALID_GUEST_TOKEN")
