"""Stories beside a product: reviews of its buyers, seen when staff approve them."""

from __future__ import annotations

import uuid
from typing import Any

from chassis.testing import eventually
from stack.platform import Platform
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
