"""A kill at every step of the saga: the order ends placed or refused, the ledger agrees.

Each step is killed after its effect and its commit, and the first before them too. A kill before
another step finds what one after the step before it leaves: EVERYWHERE=1 tries those as well.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from chassis.testing import eventually
from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers.shopper import Api, total_of
from stack.status import State
from stack.topology import STAFF_EMAIL
from tests.e2e.conftest import a_product

STEPS = ("reserve", "redeem", "authorize", "capture", "confirm")
# The steps in the middle have no commit of their own: they were recorded as begun with the result
# of `reserve`.
COMMITTING = ("reserve", "confirm")
POINTS = [
    f"{when}:{step}:{what}"
    for step in STEPS
    for what in ("do", "commit")
    if what == "do" or step in COMMITTING
    for when in ("before", "after")
    if when == "after" or (step, what) == ("reserve", "do") or os.environ.get("EVERYWHERE") == "1"
]


@pytest.fixture
async def staff_of_fragile(fragile: Platform) -> AsyncIterator[Api]:
    async with Api(fragile.gateway_urls, patience_seconds=30) as staff:
        await staff.log_in(STAFF_EMAIL, fragile.staff_password)
        yield staff


@pytest.fixture(scope="module")
def alone(fragile: Platform) -> Iterator[Platform]:
    """The stack with one replica of checkout, so that every order is its."""
    fragile.terminate("checkout-2")
    yield fragile
    fragile.start("checkout")


def restart_checkout(platform: Platform, **settings: str) -> None:
    """Starts checkout anew with these settings."""
    before = platform.settings
    platform.terminate("checkout-1")
    platform.settings = {**before, "checkout": {**before["checkout"], **settings}}
    try:
        platform.start("checkout-1")
    finally:
        platform.settings = before


def is_dead(platform: Platform, name: str) -> bool:
    return any(line.name == name and line.state is State.CRASHED for line in platform.status())


@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_at_any_step_ends_in_an_order_or_in_nothing(
    alone: Platform, staff_of_fragile: Api, tmp_path: Path, point: str
) -> None:
    marker = tmp_path / "crashed"
    variant_id = await a_product(staff_of_fragile, stock=5)
    await asyncio.to_thread(
        restart_checkout, alone, CRASH_AT=point, CRASH_MARKER=str(marker), RESUME_AFTER_SECONDS="2"
    )
    key = str(uuid.uuid4())
    try:
        async with Api(alone.gateway_urls, patience_seconds=60) as shopper:
            await shopper.become_guest()
            cart = await shopper.start_cart((variant_id, 1))
            checkout = await shopper.start_checkout(
                cart["id"], email=f"{uuid.uuid4().hex}@example.com"
            )
            buying = asyncio.create_task(shopper.complete(checkout, key=key))
            await eventually(lambda: marker.exists() and is_dead(alone, "checkout-1"), within=20)
            await asyncio.to_thread(alone.start, "checkout-1")
            order = (await buying).body

            async def decided() -> bool:
                found = (await shopper.call("GET", f"/v1/orders/{order['id']}")).body
                return bool(found["status"] in ("placed", "refused"))

            await eventually(decided, within=40)
            order = (await shopper.call("GET", f"/v1/orders/{order['id']}")).body
    finally:
        await asyncio.to_thread(alone.start, "checkout-1")

    charged = (await chaos.charges(alone)).get(order["id"], 0)
    assert charged == (total_of(order) if order["status"] == "placed" else 0)
    sku = order["lines"][0]["item"]["sku"]
    levels = (await staff_of_fragile.call("GET", f"/v1/staff/stock/{sku}")).body["levels"]
    sold = 1 if order["status"] == "placed" else 0
    assert [(level["on_hand"], level["reserved"]) for level in levels] == [(5 - sold, 0)]
