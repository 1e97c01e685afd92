"""Shoppers who buy without a pause, inside a cluster:

`python -m stack.shoppers.shopping`. One JSON line tells each order and each failure.

Strict shoppers repeat a request only when the shop refuses it for load and says when to come back
(`OVERLOADED`); patient ones repeat lost connections, 503 and 504 too, always with the same key. All
keep their connections alive.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from stack.shoppers.buying import product, settled
from stack.shoppers.shopper import Api, ApiError, total_of

PATIENCE_SECONDS: Final = 90.0
# A strict shopper who is turned away for load gives up after this time.
OVERLOAD_SECONDS: Final = 15.0
PAUSE_SECONDS: Final = 0.2
# An order whose saga met an outage goes on when its timer says so.
SETTLED_SECONDS: Final = 240.0


@dataclass
class Shop:
    """State of the shopping: the shop, the variants, and the counts bought so far."""

    url: str
    variant_id: str
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    placed: int = 0
    failed: int = 0


def print_event(event: str, **facts: Any) -> None:
    print(json.dumps({"at": time.time(), "event": event, **facts}), flush=True)


async def shop(where: Shop, *, is_patient: bool) -> None:
    """Buys until told to stop. Each purchase is by a new guest, over the same connection."""
    kind = "patient" if is_patient else "strict"
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)
    async with httpx.AsyncClient(timeout=30, limits=limits) as client:
        while not where.stopping.is_set():
            shopper = Api(
                [where.url],
                patience_seconds=PATIENCE_SECONDS if is_patient else 0,
                overload_seconds=OVERLOAD_SECONDS,
                client=client,
            )
            try:
                await shopper.become_guest()
                await shopper.call("GET", "/v1/search?q=test&currency=EUR")
                order = (
                    await shopper.buy(
                        (where.variant_id, 1), email=f"{uuid.uuid4().hex}@example.com"
                    )
                ).body
                order = await settled(
                    shopper, order, "placed", "refused", "cancelled", within_seconds=SETTLED_SECONDS
                )
            except ApiError as error:
                where.failed += 1
                print_event("failure", shopper=kind, status=error.status, what=str(error))
            except (httpx.TransportError, TimeoutError) as error:
                where.failed += 1
                print_event(
                    "failure", shopper=kind, status=0, what=f"{type(error).__name__}: {error}"
                )
            else:
                where.placed += 1
                print_event(
                    "order",
                    shopper=kind,
                    id=order["id"],
                    status=order["status"],
                    total_minor=total_of(order),
                    turned_away=shopper.turned_away,
                )
            await asyncio.sleep(PAUSE_SECONDS)


async def main() -> None:
    url = os.environ["GATEWAY_URL"]
    async with Api([url], patience_seconds=PATIENCE_SECONDS) as staff:
        await staff.log_in(os.environ["STAFF_EMAIL"], os.environ["STAFF_PASSWORD"])
        where = Shop(url, await product(staff, f"shoppers-{uuid.uuid4().hex[:8]}", stock=1_000_000))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, where.stopping.set)
    strict, patient = (
        int(os.environ.get(name, "2")) for name in ("STRICT_SHOPPERS", "PATIENT_SHOPPERS")
    )
    print_event("open", variant_id=where.variant_id, strict=strict, patient=patient)
    async with asyncio.TaskGroup() as group:
        for place in range(strict + patient):
            group.create_task(shop(where, is_patient=place >= strict))
    print_event("closed", placed=where.placed, failed=where.failed)


if __name__ == "__main__":
    asyncio.run(main())
