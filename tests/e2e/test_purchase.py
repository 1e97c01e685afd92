"""A customer buys."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest
from rich.console import Console

from chassis.testing import an_email, eventually
from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers import demo
from stack.shoppers.mail import mail_to, token_in
from stack.shoppers.shopper import Api, ApiError, total_of


async def test_the_demo_plays_on_an_empty_platform_and_again(platform: Platform) -> None:
    console = Console(record=True, width=200, quiet=True)
    before = await chaos.charges(platform)

    for _ in range(2):
        await demo.fill(platform, 300, console)
        await demo.play(platform, console)

    # Each play pays one order.
    assert len((await chaos.charges(platform)).keys() - before.keys()) >= 2


async def test_ten_taps_make_one_order_one_charge_and_one_answer(
    platform: Platform, shopper: Api, variant: str
) -> None:
    cart = await shopper.start_cart((variant, 1))
    checkout = await shopper.start_checkout(cart["id"], email=an_email())
    key = str(uuid.uuid4())

    replies = await asyncio.gather(*(shopper.complete(checkout, key=key) for _ in range(10)))

    orders = {reply.body["id"] for reply in replies}
    assert len(orders) == 1
    assert {(reply.body["status"], reply.body["number"]) for reply in replies} == {
        ("placed", replies[0].body["number"])
    }
    assert (await chaos.charges(platform))[orders.pop()] == total_of(replies[0].body)


async def test_another_body_under_the_key_is_a_conflict(shopper: Api, variant: str) -> None:
    cart = await shopper.start_cart((variant, 1))
    key = str(uuid.uuid4())
    path = f"/v1/carts/{cart['id']}/lines"
    first = await shopper.call("POST", path, {"variant_id": variant, "quantity": 1}, key=key)
    again = await shopper.call("POST", path, {"variant_id": variant, "quantity": 1}, key=key)

    with pytest.raises(ApiError) as refusal:
        await shopper.call("POST", path, {"variant_id": variant, "quantity": 2}, key=key)

    assert (refusal.value.status, refusal.value.reason) == (409, "KEY_REUSED")
    assert again.body["lines"] == first.body["lines"]
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_declined_card_releases_the_stock_and_another_card_buys(
    shopper: Api, make_variant: Any
) -> None:
    last = await make_variant(stock=1)
    cart = await shopper.start_cart((last, 1))
    checkout = await shopper.start_checkout(
        cart["id"], payment_token="pm_card_declined", email=an_email()
    )

    with pytest.raises(ApiError) as refusal:
        await shopper.complete(checkout)
    assert (refusal.value.status, refusal.value.reason) == (409, "PAYMENT_DECLINED")

    await shopper.call("PATCH", f"/v1/checkouts/{checkout['id']}", {"payment_token": "pm_card_ok"})
    assert (await shopper.complete(checkout)).body["status"] == "placed"


async def test_a_bank_s_challenge_is_passed_and_the_order_goes_on(
    shopper: Api, variant: str
) -> None:
    waiting = await shopper.buy((variant, 1), payment_token="pm_card_3ds")
    assert (waiting.status, waiting.body["status"]) == (202, "action_required")
    url = waiting.body["payments"][0]["action_url"]

    async with httpx.AsyncClient() as bank:
        token = url.rstrip("/").rsplit("/", 1)[1]
        await bank.post(
            f"{url.split('/challenges/')[0]}/v1/challenges/{token}", json={"outcome": "pass"}
        )

    async def placed() -> bool:
        order = (await shopper.call("GET", f"/v1/orders/{waiting.body['id']}")).body
        return bool(order["status"] == "placed")

    # The provider's webhook resumes it, without another call of the shop's.
    await eventually(placed, within=15)


async def test_a_cancelled_order_gives_money_and_stock_back(
    platform: Platform, shopper: Api, make_variant: Any
) -> None:
    last = await make_variant(stock=1)
    order = (await shopper.buy((last, 1))).body

    cancelled = await shopper.call(
        "POST", f"/v1/orders/{order['id']}/cancel", {"reason": "buyer_request"}
    )

    async def given_back() -> bool:
        found = (await shopper.call("GET", f"/v1/orders/{order['id']}")).body
        return bool(
            found["status"] == "cancelled" and order["id"] not in await chaos.charges(platform)
        )

    assert cancelled.body["status"] in ("cancelling", "cancelled")
    await eventually(given_back, within=15)
    assert (await shopper.buy((last, 1))).body["status"] == "placed"


async def test_staff_see_what_was_mailed_for_an_order(
    staff: Api, shopper: Api, variant: str
) -> None:
    order = (await shopper.buy((variant, 1), email=an_email())).body

    async def sent() -> list[tuple[str, str]]:
        mails = (await staff.call("GET", f"/v1/staff/messages?order_id={order['id']}")).body[
            "messages"
        ]
        return [(mail["template"], mail["state"]) for mail in mails if mail["state"] == "sent"]

    assert await eventually(sent, within=20) == [("order_confirmation", "sent")]
    with pytest.raises(ApiError) as refusal:
        await shopper.call("GET", "/v1/staff/messages")
    assert refusal.value.status == 403


async def test_a_guest_who_registers_keeps_the_order(shopper: Api, variant: str) -> None:
    order = (await shopper.buy((variant, 1), email=an_email())).body
    await shopper.register(an_email(), "long enough to be safe")

    async def is_listed() -> bool:
        found = (await shopper.call("GET", "/v1/orders")).body["orders"]
        return [each["id"] for each in found] == [order["id"]]

    await eventually(is_listed)


async def test_a_guest_takes_the_account_that_is_offered_from_what_they_entered(
    shopper: Api, variant: str
) -> None:
    order = (await shopper.buy((variant, 1), email=an_email())).body
    path = f"/v1/orders/{order['id']}/account-offer"
    offer = (await shopper.call("GET", path)).body
    form = {name: offer[name] for name in ("email", "first_name", "last_name", "address")}
    reply = await shopper.call("POST", "/v1/customers", {**form, "password": "long enough to keep"})
    shopper.token = reply.body["access_token"]
    book = (await shopper.call("GET", "/v1/me/addresses")).body["addresses"]

    async def is_theirs() -> bool:
        mine = (await shopper.call("GET", "/v1/orders")).body["orders"]
        return [each["id"] for each in mine] == [order["id"]]

    await eventually(is_theirs)
    with pytest.raises(ApiError) as refused:
        await shopper.call("GET", path)
    assert (offer["email"], offer["address"]) == (order["email"], order["delivery_address"])
    assert [(each["address"], each["is_default"]) for each in book] == [(offer["address"], True)]
    assert refused.value.reason == "ACCOUNT_NOT_OFFERED"


async def test_a_buyer_without_a_session_reads_an_order_by_a_mailed_link(
    platform: Platform, shopper: Api, variant: str
) -> None:
    email = an_email()
    order = (await shopper.buy((variant, 1), email=email)).body
    async with Api(platform.gateway_urls) as anybody:
        for number in (order["number"], "S-1"):
            asked = {"number": number, "email": email}
            assert (await anybody.call("POST", "/v1/orders/links", asked)).status == 202
        mail = await mail_to(platform.url("mailbox"), email, "The link to your order")
        token = {"token": token_in(mail, "/orders/link")}

        opened = (await anybody.call("POST", "/v1/orders/links/open", token)).body
        access = {"access_token": opened["access_token"]}
        shown = (await anybody.call("POST", "/v1/orders/links/order", access)).body
        with pytest.raises(ApiError) as again:
            await anybody.call("POST", "/v1/orders/links/open", token)

    assert opened["order"]["id"] == shown["id"] == order["id"]
    assert (again.value.status, again.value.reason) == (404, "ORDER_LINK_NOT_FOUND")


async def test_the_guest_s_cart_is_the_customer_s_after_registering(
    shopper: Api, variant: str
) -> None:
    await shopper.start_cart((variant, 2))

    await shopper.register(an_email(), "long enough to be safe")
    current = (await shopper.call("GET", "/v1/carts/current")).body

    assert [
        (line["item"]["variant_id"], line["item"]["quantity"]["steps"]) for line in current["lines"]
    ] == [(variant, 2)]


async def test_the_first_order_is_cheaper_and_the_second_is_not(
    platform: Platform, staff: Api, shopper: Api, variant: str
) -> None:
    await staff.call("PUT", "/v1/staff/promotions/first-order-10", demo.PROMOTION)
    email = an_email()
    first = (await shopper.buy((variant, 1), email=email)).body
    assert "first-order-10" in first["promotion_codes"]

    async def second_is_full_price() -> bool:
        cart = await shopper.start_cart((variant, 1))
        return "first-order-10" not in [promotion["code"] for promotion in cart["promotions"]]

    await eventually(second_is_full_price, within=15)
    async with Api(platform.gateway_urls) as somebody_else:
        await somebody_else.become_guest()
        # As nobody knows yet who it is, it may be a first order; the checkout knows better, before
        # anybody pays.
        cart = await somebody_else.start_cart((variant, 1))
        assert "first-order-10" in [promotion["code"] for promotion in cart["promotions"]]
        checkout = await somebody_else.start_checkout(cart["id"], email=email)
        again = (await somebody_else.complete(checkout)).body
    assert again["promotion_codes"] == []
    assert total_of(again) == total_of(checkout)


async def test_staff_refund_part_of_an_order_and_never_more_than_was_paid(
    platform: Platform, staff: Api, shopper: Api, variant: str
) -> None:
    order = (await shopper.buy((variant, 1))).body
    paid = total_of(order)
    path = f"/v1/staff/orders/{order['id']}/refunds"

    await staff.call("POST", path, {"amount": {"amount_minor": 100, "currency": "EUR"}})
    with pytest.raises(ApiError) as refusal:
        await staff.call("POST", path, {"amount": {"amount_minor": paid, "currency": "EUR"}})

    assert refusal.value.reason == "REFUND_EXCEEDS_CAPTURED"
    assert (await chaos.charges(platform))[order["id"]] == paid - 100


async def test_prices_in_a_request_are_refused(shopper: Api, variant: str) -> None:
    cart = await shopper.start_cart()

    with pytest.raises(ApiError) as refusal:
        await shopper.call(
            "POST",
            f"/v1/carts/{cart['id']}/lines",
            {"variant_id": variant, "quantity": 1, "unit_price": 1},
        )

    assert refusal.value.status == 422
