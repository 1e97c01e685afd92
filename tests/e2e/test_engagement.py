"""Stories beside a product: reviews of its buyers, seen when staff approve them."""

from __future__ import annotations

import uuid
from typing import Any

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.mail import mail_to, token_in
from stack.shoppers.shopper import Api, ApiError
from tests.e2e.conftest import a_product


async def _buys(staff: Api, shopper: Api) -> str:
    """Registers the shopper, who buys a product. Returns its slug."""
    await shopper.register(f"{uuid.uuid4().hex}@example.com", "long enough to be safe")
    variant_id = await a_product(staff)
    cart = await shopper.start_cart((variant_id, 1))
    checkout = await shopper.start_checkout(cart["id"], email=f"{uuid.uuid4().hex}@example.com")
    order = (await shopper.complete(checkout)).body
    return str(order["lines"][0]["item"]["product_slug"])


async def test_a_buyer_reviews_a_product_and_shoppers_see_it_once_it_is_approved(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    slug = await _buys(staff, shopper)
    written = {"rating": 4, "title": "Warm", "text": "Light <b>and</b> warm.", "locale": "en"}

    async def review() -> dict[str, Any] | None:
        try:
            reply = await shopper.call("POST", f"/v1/products/{slug}/reviews", written)
        except ApiError as error:
            # Catalog may not have heard of the order yet.
            if error.reason != "NOT_A_BUYER":
                raise
            return None
        assert reply.status == 201
        return dict(reply.body)

    mine = await eventually(review, within=20)
    assert mine is not None
    page = (await staff.call("GET", f"/v1/products/{slug}")).body
    approved = await staff.call(
        "POST",
        f"/v1/staff/reviews/{mine['id']}/moderate",
        {"status": "approved"},
        headers={"If-Match": '"1"'},
    )
    listed = (await staff.call("GET", f"/v1/products/{slug}/reviews?sort=helpful")).body

    async def is_rated() -> dict[str, Any] | None:
        rating = (await staff.call("GET", f"/v1/products/{slug}")).body["rating"]
        return dict(rating) if rating else None

    assert page["rating"] is None
    assert (mine["status"], mine["text"]) == ("pending", "Light and warm.")
    assert (approved.body["status"], approved.headers["etag"]) == ("approved", '"2"')
    assert [each["title"] for each in listed["reviews"]] == ["Warm"]
    assert "customer_id" not in listed["reviews"][0] or not listed["reviews"][0]["customer_id"]
    assert await eventually(is_rated, within=10) == {
        "count": 1,
        "average": 4.0,
        "histogram": [0, 0, 0, 1, 0],
    }


async def test_a_guest_confirms_an_alert_and_is_mailed_when_the_product_is_back(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    variant_id, email = await a_product(staff, stock=0), f"{uuid.uuid4().hex}@example.com"
    wish = {"variant_id": variant_id, "kind": "back_in_stock", "email": email}
    asked = (await shopper.call("POST", "/v1/subscriptions/alerts", wish)).body
    mail = await mail_to(platform.url("mailbox"), email, "tell you")
    confirmation = {"token": token_in(mail, "/alerts/confirm")}
    await shopper.call("POST", "/v1/subscriptions/alerts/confirm", confirmation)

    sku = await _slug_of(staff, variant_id)
    await staff.call("PUT", f"/v1/staff/stock-levels/main/{sku}", {"on_hand": 4})
    told = await mail_to(platform.url("mailbox"), email, "back in stock")
    end = {"token": token_in(told, "/alerts/end")}
    await shopper.call("POST", "/v1/subscriptions/alerts/end", end)

    assert asked == {"needs_confirmation": True}


async def test_what_staff_and_orders_put_beside_a_product_is_on_its_page(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    slug, other = await _buys(staff, shopper), await _buys(staff, shopper)
    product, related = [
        (await staff.call("GET", f"/v1/products/{each}")).body for each in (slug, other)
    ]
    path = f"/v1/staff/products/{product['id']}/related/accessory"
    made = await staff.call("PUT", path, {"product_ids": [related["id"]]})

    async def is_shown() -> list[dict[str, Any]] | None:
        return (await shopper.call("GET", f"/v1/products/{slug}")).body["related"] or None

    shown = await eventually(is_shown, within=10)
    async with Api(
        platform.gateway_urls, consent="analytics", keeps_visitor=True, session_id=str(uuid7())
    ) as visitor:
        await visitor.call("GET", f"/v1/products/{slug}")

        async def is_personal() -> dict[str, Any] | None:
            answer = (await visitor.call("GET", "/v1/recommendations?most=3")).body
            return dict(answer) if answer["personal"] else None

        recommended = await eventually(is_personal, within=20)
    await staff.call("DELETE", path, headers={"If-Match": made.headers["etag"]})

    assert made.headers["etag"] == '"1"'
    assert shown is not None
    assert recommended is not None
    assert recommended["products"][0]["slug"] == other
    assert [(each["relation"], each["products"][0]["slug"]) for each in shown] == [
        ("accessory", other)
    ]


async def _slug_of(staff: Api, variant_id: str) -> str:
    """Returns the slug of a product of the stories, which is the SKU of its only variant."""
    products = (await staff.call("GET", "/v1/staff/products?page_size=20")).body["products"]
    for product in products:
        page = (await staff.call("GET", f"/v1/products/{product['slug']}")).body
        if page["variants"][0]["id"] == variant_id:
            return str(product["slug"])
    raise LookupError(variant_id)


async def test_a_customer_asks_and_the_merchant_answers(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    await shopper.register(f"{uuid.uuid4().hex}@example.com", "long enough to be safe")
    slug = await _slug_of(staff, await a_product(staff))
    path = f"/v1/products/{slug}/questions"
    asked = await shopper.call("POST", path, {"text": "Is it washable?", "locale": "en"})
    question = f"/v1/staff/product-questions/{asked.body['id']}"
    await staff.call("POST", f"{question}/moderate", {"status": "approved"})
    await staff.call("POST", f"{question}/answers", {"text": "At 30 degrees."})

    listed = (await staff.call("GET", path)).body["questions"]

    assert (asked.status, asked.body["status"]) == (201, "pending")
    assert [(each["text"], each["answers"][0]["text"]) for each in listed] == [
        ("Is it washable?", "At 30 degrees.")
    ]
