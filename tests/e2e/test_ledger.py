"""The money on journeys is the money of the ledger, by the two commands that compare them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers.shopper import Api, amount_of


@pytest.fixture
async def shopper(platform: Platform) -> AsyncIterator[Api]:
    """A guest who agreed to analytics."""
    async with Api(
        platform.gateway_urls, consent="analytics", keeps_visitor=True, session_id=str(uuid7())
    ) as api:
        await api.become_guest()
        yield api


def command(platform: Platform, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Runs a command of a service as an operator of one machine does."""
    return subprocess.run(
        [sys.executable, "-m", "stack", "run", "--home", str(platform.home), *words],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_money_on_journeys_is_the_ledger_s_after_a_refund(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    _, variant_id = await chaos.new_product(staff, 10)
    order = (await shopper.buy((variant_id, 2), email="ledger@example.com")).body
    total = amount_of(order)
    body = {"amount": {"amount_minor": 100, "currency": total["currency"]}}
    await staff.call("POST", f"/v1/staff/orders/{order['id']}/refunds", body)

    async def refunded() -> bool:
        kinds = [one["kind"] for one in (await staff.journey(order_id=order["id"]))["touchpoints"]]
        return "order.refunded" in kinds

    await eventually(refunded, within=20)

    async def compared() -> str:
        ledger = await asyncio.to_thread(command, platform, "checkout", "ledger")
        assert ledger.returncode == 0, ledger.stderr
        told = await asyncio.to_thread(
            command, platform, "journey", "reconcile", "-", given=ledger.stdout
        )
        lines = [line for line in ledger.stdout.splitlines() if line.startswith(order["id"])]
        assert lines == [f"{order['id']},{total['currency']},{total['amount_minor']},100"]
        return told.stdout if told.returncode == 0 else ""

    # Events of other stories' orders may be on their way.
    assert " 0 on journeys only, 0 different" in await eventually(compared, within=60)
