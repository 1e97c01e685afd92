"""Prices that guests do not see: answers of guests and of customers are never mixed."""

from __future__ import annotations

from services.gateway.tests.gateway_shop import TOKENS, a_shop
from sojourn.catalog.v1.guest_policy_pb2 import GUEST_POLICY_LOOK, GUEST_POLICY_NO_PRICES

_PATH = "/v1/products/tea"


async def test_customers_get_no_page_of_guests_and_guests_none_of_customers() -> None:
    customer = {"Authorization": TOKENS.customer()}
    guest = {"Authorization": TOKENS.guest()}
    async with a_shop(shared_cache_seconds=60) as shop:
        shop.catalog.guest_policy = GUEST_POLICY_NO_PRICES

        seen = [
            (await shop.client.get(_PATH, headers=headers)).json()["variants"]
            for headers in ({}, customer, {}, guest, customer, {})
        ]
        anonymous = await shop.client.get(_PATH)

    assert [len(variants) for variants in seen] == [0, 1, 0, 0, 1, 0]
    # A CDN would give it to customers too.
    assert anonymous.headers["Cache-Control"] == "private, max-age=0"
    assert "sojourn-visitor" in anonymous.headers


async def test_customers_of_other_channels_share_the_answers_of_everybody() -> None:
    async with a_shop(shared_cache_seconds=60) as shop:
        shop.catalog.guest_policy = GUEST_POLICY_LOOK
        for headers in ({}, {}, {"Authorization": TOKENS.customer()}):
            await shop.client.get(_PATH, headers=headers)
        callers = shop.catalog.calls.requests("GetProduct")
        public = await shop.client.get(_PATH)

    assert len(callers) == 2
    assert public.headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
