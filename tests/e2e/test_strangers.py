"""Mails and logins of strangers: the harm they can do to an address of another person."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chassis.testing import an_email, eventually
from stack.platform import Platform
from stack.shoppers.mail import mail_to, mails_to, token_in
from stack.shoppers.shopper import Api, ApiError

PASSWORD = "long enough to be safe"


async def register_confirmed(platform: Platform, shopper: Api, email: str) -> dict[str, Any]:
    """An account whose owner followed the link."""
    body: dict[str, Any] = (await shopper.register(email, PASSWORD)).body
    mail = await mail_to(platform.url("mailbox"), email, "confirm your address")
    await shopper.call(
        "POST", "/v1/customers/confirm", {"token": token_in(mail, "/account/confirm")}
    )
    return body


async def test_sixteen_carts_saved_with_a_stranger_s_address_are_one_mail(
    platform: Platform, shopper: Api, variant: str
) -> None:
    address = an_email()
    for _ in range(16):
        cart = await shopper.start_cart((variant, 1))
        await shopper.call(
            "POST", f"/v1/carts/{cart['id']}/save", {"email": address, "remind": True}
        )

    (mail,) = await eventually(lambda: mails_to(platform.url("mailbox"), address), within=15)
    await shopper.buy((variant, 1), email=address)
    await mail_to(platform.url("mailbox"), address, "is confirmed")

    assert mail["subject"] == "May Sojourn remind you?"
    assert len(await mails_to(platform.url("mailbox"), address)) == 2, (
        "the question, and the mail of the order"
    )


async def test_no_answer_tells_that_an_address_has_an_account(platform: Platform) -> None:
    known, unknown = an_email(), an_email()
    async with (
        Api(platform.gateway_urls) as owner,
        Api(platform.gateway_urls) as stranger,
        Api(platform.gateway_urls) as other,
    ):
        mine = await register_confirmed(platform, owner, known)
        answers = [
            await each.register(email, "a stranger's password")
            for each, email in ((stranger, known), (other, unknown))
        ]
        profiles = [(await each.call("GET", "/v1/me")).body for each in (stranger, other)]
        told = await mail_to(platform.url("mailbox"), known, "already have an account")

        assert [sorted(answer.body) for answer in answers] == [sorted(answers[0].body)] * 2
        assert [(answer.status, answer.body["kind"]) for answer in answers] == [
            (201, "customer")
        ] * 2
        assert [profile["email_confirmed"] for profile in profiles] == [False, False]
        assert (
            (await owner.call("GET", "/v1/me")).body["id"]
            == mine["subject_id"]
            != answers[0].body["subject_id"]
        )
        assert "stranger" not in told["text"]


async def test_a_customer_beyond_ascii_buys_with_the_account_s_address_and_is_mailed(
    platform: Platform, variant: str
) -> None:
    email = an_email("bücher.example")
    async with Api(platform.gateway_urls) as shopper:
        await shopper.register(email, PASSWORD)
        cart = await shopper.start_cart((variant, 1))
        checkout = await shopper.start_checkout(cart["id"])
        await shopper.complete(checkout)

    assert await mail_to(
        platform.url("mailbox"), email.replace("bücher", "xn--bcher-kva"), "is confirmed"
    )


async def test_a_stranger_who_guesses_keeps_no_device_out_that_logged_in_before(
    platform: Platform,
) -> None:
    email = an_email()
    async with Api(platform.gateway_urls) as owner, Api(platform.gateway_urls) as stranger:
        await register_confirmed(platform, owner, email)
        reasons = await asyncio.gather(*(refusal(stranger, email) for _ in range(8)))

        assert (await owner.log_in(email, PASSWORD)).status == 201

    assert "TOO_MANY_ATTEMPTS" in reasons


async def refusal(api: Api, email: str) -> str:
    with pytest.raises(ApiError) as refused:
        await api.log_in(email, "wrong password")
    return refused.value.reason
