"""Fills the studio of the demo: a generated month, and the map that shows it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console

from stack.platform import Platform
from stack.shoppers.demo_map import SEGMENT, SEGMENT_BODY, SLUG, demo_map
from stack.shoppers.demo_month import month_file
from stack.shoppers.shopper import Api, ApiError
from stack.topology import STAFF_EMAIL

_PATIENCE_SECONDS: Final = 180.0
_ENDED: Final = frozenset({"done", "failed", "undone"})
_MAP: Final = f"/v1/staff/maps/{SLUG}"
OPTIONS: Final = {
    "columns": {
        "event_id": "event_id",
        "person": "person",
        "session": "session",
        "time": "at",
        "kind": "kind",
        "subject": "subject",
        "outcome": "outcome",
        "reason": "reason",
        "duration": "duration_ms",
        "device": "device",
        "amount": "total",
        "utm_source": "source",
        "utm_medium": "medium",
        "utm_campaign": "campaign",
    },
    "properties": {"order_id": "order_id", "term": "term", "results": "results"},
    "constants": {"currency": "EUR", "channel": "default"},
    "source": "demo",
    "format": "csv",
}


async def fill_studio(platform: Platform, console: Console) -> None:
    """Imports the month and keeps its map. A repeat changes nothing."""
    began = time.monotonic()
    async with Api(platform.gateway_urls) as staff:
        await staff.log_in(STAFF_EMAIL, platform.staff_password)
        if await _has_map(staff):
            console.print("[green]✓[/] studio               was filled before")
            return
        today = datetime.now(UTC).date()
        stored = await _import(staff, month_file(today))
        await staff.call("PUT", f"/v1/staff/segments/{SEGMENT}", SEGMENT_BODY)
        # The map comes last: it tells the next run that all of it is there.
        await staff.call("PUT", _MAP, {"map": demo_map(today)})
    console.print(
        f"[green]✓[/] studio               {stored} touchpoints of a generated month, "
        f"after {time.monotonic() - began:.1f} s: /studio?map={SLUG}"
    )


async def _has_map(staff: Api) -> bool:
    try:
        await staff.call("GET", _MAP)
    except ApiError as error:
        if error.status != 404:
            raise
        return False
    return True


async def _import(staff: Api, content: bytes) -> int:
    """Returns how many touchpoints an import stored."""
    begun = (await staff.call("POST", "/v1/staff/journey-imports", {"options": OPTIONS})).body
    path = f"/v1/staff/journey-imports/{begun['id']}"
    await staff.put_file(f"{path}/parts/1", content)
    await staff.call("POST", f"{path}/start")
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        job: dict[str, Any] = (await staff.call("GET", path)).body
        if job["state"] in _ENDED or time.monotonic() > until:
            break
        await asyncio.sleep(0.2)
    if job["state"] != "done":
        raise ApiError("GET", path, 200, {"reason": job["state"], "detail": str(job)[:500]})
    return int(job["lines_stored"])
