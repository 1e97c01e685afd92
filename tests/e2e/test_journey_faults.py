"""Journey, notifications and broker go away: shoppers do not notice, no event is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.mail import mails_to
from stack.shoppers.shopper import Api
from stack.topology import STAFF_EMAIL
from tests.e2e.conftest import a_product


@pytest.fixture
async def fragile_staff(fragile: Platform) -> AsyncIterator[Api]:
    async with Api(fragile.gateway_urls, patience_seconds=30) as staff:
        await staff.log_in(STAFF_EMAIL, fragile.staff_password)
        yield staff


@contextlib.asynccontextmanager
async def away(platform: Platform, *names: str) -> AsyncIterator[None]:
    """SIGKILLs components for as long as the block runs."""
    for name in names:
        await asyncio.to_thread(platform.kill, name)
    try:
        yield
    finally:
        for name in names:
            await asyncio.to_thread(platform.start, name)


@pytest.mark.parametrize("names", [("journey", "notifications"), ("nats",)])
async def test_shopping_goes_on_and_every_order_is_mailed_and_on_a_journey_later(
    fragile: Platform, fragile_staff: Api, names: tuple[str, ...]
) -> None:
    variant_id = await a_product(fragile_staff)
    async with Api(
        fragile.gateway_urls, patience_seconds=30, consent="analytics", keeps_visitor=True
    ) as shopper:
        await shopper.become_guest()
        async with away(fragile, *names):
            listing = await shopper.call("GET", "/v1/products?page_size=5")
            order = (await shopper.buy((variant_id, 1))).body
            shown = (await shopper.call("GET", f"/v1/orders/{order['id']}")).body

    assert listing.status == 200
    assert shown["status"] == order["status"] == "placed"

    async def told_once() -> bool:
        mails = [
            mail
            for mail in await mails_to(fragile.url("mailbox"), order["email"])
            if "is confirmed" in mail["subject"]
        ]
        return [mail["deliveries"] for mail in mails] == [1]

    async def on_a_journey() -> bool:
        journey = await fragile_staff.journey(order_id=order["id"])
        return "order.placed" in [touchpoint["kind"] for touchpoint in journey["touchpoints"]]

    await eventually(told_once, within=60)
    await eventually(on_a_journey, within=30)
