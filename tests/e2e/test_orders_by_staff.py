"""Staff prepare an order on the phone, its buyer pays it by a link, and it is ordered again."""

from __future__ import annotations

import uuid

from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers.mail import mail_to, token_in
from stack.shoppers.shopper import Api, total_of
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
