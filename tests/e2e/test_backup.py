"""A restored backup: what it knows is there again, what it lost is charged to nobody."""

from __future__ import annotations

import asyncio
import subprocess
import uuid
from pathlib import Path

from chassis.testing import eventually
from stack import binaries
from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers.shopper import Api, total_of
from stack.topology import STAFF_EMAIL
from tests.e2e.conftest import a_product


def _run(tool: str, *arguments: str) -> None:
    subprocess.run(
        [str(binaries.postgres_bin() / tool), *arguments],
        check=True,
        capture_output=True,
        timeout=60,
    )


def back_up(platform: Platform, services: list[str], folder: Path) -> None:
    for service in services:
        _run(
            "pg_dump",
            "--format=custom",
            f"--file={folder / service}.dump",
            platform.postgres.superuser_dsn(service),
        )


def restore(platform: Platform, services: list[str], folder: Path) -> None:
    """With the services stopped, as one restores: what they would write meanwhile would be lost."""
    for service in services:
        platform.terminate(service)
    for service in services:
        dsn = platform.postgres.superuser_dsn(service)
        _run(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--exit-on-error",
            "--single-transaction",
            f"--dbname={dsn}",
            f"{folder / service}.dump",
        )
    for service in services:
        platform.start(service)


async def test_a_restored_backup_has_its_orders_and_gives_back_what_it_forgot(
    fragile: Platform, tmp_path: Path
) -> None:
    services = [component.name for component in fragile.components if component.database]
    async with (
        Api(fragile.gateway_urls, patience_seconds=60) as staff,
        Api(fragile.gateway_urls, patience_seconds=60) as shopper,
    ):
        await staff.log_in(STAFF_EMAIL, fragile.staff_password)
        variant_id = await a_product(staff, stock=5)
        await shopper.become_guest()
        kept = (await shopper.buy((variant_id, 1), email=f"{uuid.uuid4().hex}@example.com")).body
        await asyncio.to_thread(back_up, fragile, services, tmp_path)
        forgotten = (
            await shopper.buy((variant_id, 1), email=f"{uuid.uuid4().hex}@example.com")
        ).body

        await asyncio.to_thread(restore, fragile, services, tmp_path)

        found = (await shopper.call("GET", "/v1/orders")).body["orders"]
        assert [order["id"] for order in found] == [kept["id"]]
        await staff.log_in(STAFF_EMAIL, fragile.staff_password)
        await staff.call("POST", "/v1/staff/reconcile", {})

        async def agrees() -> bool:
            charged = await chaos.charges(fragile)
            return (
                charged.get(kept["id"]) == total_of(kept) and charged.get(forgotten["id"], 0) == 0
            )

        await eventually(agrees, within=60)
        levels = (
            await staff.call("GET", f"/v1/staff/stock/{kept['lines'][0]['item']['sku']}")
        ).body["levels"]
        assert [(level["on_hand"], level["reserved"]) for level in levels] == [(4, 0)]
