"""Staff prepare an order on the phone, its buyer pays it by a link, and it is ordered again."""

from __future__ import annotations

import uuid

import pytest

from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers.mail import mail_to, token_in
from stack.shoppers.shopper import Api, ApiError, total_of
from tests.e2e.conftest import ProductMaker


async def test_an_order_of_the_call_center_is_paid_by_its_link_and_ordered_again(
    platform: Platform, staff: Api, shopper: Api, make_variant: ProductMaker
) -> None:
    email, sold = f"{uuid.uuid4().hex}@example.com", await make_variant()
    session = (await staff.call("POST", "/v1/staff/shopper-sessions", {"via": "call_center"})).body
    async with Api(platform.gateway_urls, token=session["access_token"]) as desk:
        cart = await desk.start_cart((sold, 2))
        checkout = await desk.start_checkout(cart["id"], email=email)
        path = f"/v1/checkouts/{checkout['id']}/draft-order"
        draft = (await desk.call("PUT", path, {"name": "By phone"})).body

    await staff.call("POST", f"/v1/staff/draft-orders/{draft['id']}/send")
    mail = await mail_to(platform.url("mailbox"), email, "ready to be paid")
    token = token_in(mail, "/checkout/link")
    async with Api(platform.gateway_urls) as buyer:
        shown = (await buyer.call("POST", "/v1/checkouts/links/open", {"token": token})).body
        order = (
            await buyer.call(
                "POST",
                "/v1/checkouts/links/complete",
                {
                    "token": token,
                    "payment_method_id": "card",
                    "payment_token": "pm_card_ok",
                    "expected_total": draft["total"],
                },
            )
        ).body

    assert total_of(shown) == draft["total"]["amount_minor"] == total_of(order)
    assert (order["status"], order["placed_via"]) == ("placed", "call_center")
    assert (await chaos.charges(platform))[order["id"]] == total_of(order)

    own = await shopper.start_cart((sold, 1))
    placed = (await shopper.complete(await shopper.start_checkout(own["id"], email=email))).body
    again = (await shopper.call("POST", f"/v1/orders/{placed['id']}/reorder", {})).body

    assert [line["outcome"] for line in again["lines"]] == ["added"]
    assert again["cart"]["lines"][0]["item"]["variant_id"] == sold


async def test_an_order_of_the_call_center_has_the_prices_of_the_buyers_organization(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    sku, code = f"org-{uuid.uuid4().hex[:8]}", f"org-{uuid.uuid4().hex[:8]}"
    price = {"amount_minor": 20_00, "currency": "EUR"}
    product = {
        "external_id": sku,
        "slug": sku,
        "title": {"en": "Teapot"},
        "published": True,
        "variants": [{"sku": sku, "prices": [{"price": price}], "initial_stock": {"": 9}}],
    }
    products = {"source": "stories", "products": [product]}
    await staff.call("POST", "/v1/staff/products/import", products)
    page = (await staff.call("GET", f"/v1/products/{sku}?currency=EUR")).body
    variant_id = page["variants"][0]["id"]
    organization_id, stranger_id = str(uuid.uuid4()), str(uuid.uuid4())
    lists = "/v1/staff/price-lists"
    await staff.call("POST", lists, {"code": code, "organization_id": organization_id})
    agreed = {"sku": sku, "price": {**price, "amount_minor": 11_00}}
    await staff.call("POST", f"{lists}/{code}/prices", {"prices": [agreed]})
    email = f"{uuid.uuid4().hex}@example.com"
    account = {"email": email, "password": "correct horse battery", "first_name": "Ada"}
    customer_id = (await shopper.call("POST", "/v1/customers", account)).body["subject_id"]
    await staff.call(
        "PUT",
        f"/v1/staff/customers/{customer_id}/organizations",
        {"organization_ids": [str(uuid.uuid4()), organization_id]},
    )
    wish = {"customer_id": customer_id, "via": "call_center", "organization_id": organization_id}

    with pytest.raises(ApiError) as refused:
        await staff.call(
            "POST", "/v1/staff/shopper-sessions", {**wish, "organization_id": stranger_id}
        )
    session = (await staff.call("POST", "/v1/staff/shopper-sessions", wish)).body
    async with Api(platform.gateway_urls, token=session["access_token"]) as desk:
        cart = await desk.start_cart((variant_id, 1))
        checkout = await desk.start_checkout(cart["id"], email=email)
        order = (await desk.complete(checkout)).body

    assert refused.value.reason == "NOT_ORGANIZATION_MEMBER"
    assert session["organization_id"] == organization_id
    assert order["lines"][0]["item"]["unit_price"]["amount_minor"] == 11_00
    found = {"organization_id": organization_id}
    listed = (await staff.call("POST", "/v1/staff/orders/search", found)).body["orders"]
    assert [each["order"]["id"] for each in listed] == [order["id"]]
