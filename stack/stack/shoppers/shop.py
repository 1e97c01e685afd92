"""A synthetic shopper: buys through the public API as a customer does, and times each step.

`python -m stack.shoppers.shop` needs nothing of this machine but a file with an API key, so that it
runs from the image too. The platform cancels its orders: one that dies half-way leaves nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from prometheus_client import Counter, Gauge, Histogram

from chassis.runtime.health import Health, serve
from stack.shoppers.shopper import Api, ApiError

STEPS: Final = ("session", "search", "offer", "cart", "checkout", "order", "cancelled")
EMAIL: Final = "synthetic@sojourn.example"
# Longer than the API makes an order wait; what takes longer is no purchase any more.
STEP_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.2
purchases: Final = Counter("synthetic_purchase_total", "purchases by outcome", ["outcome"])
failures: Final = Counter(
    "synthetic_purchase_failures_total", "purchases that failed, by the step at which", ["step"]
)
step_seconds: Final = Histogram(
    "synthetic_purchase_step_seconds", "time of each step that succeeded", ["step"]
)
purchase_seconds: Final = Histogram(
    "synthetic_purchase_seconds",
    "time of purchases that succeeded",
    buckets=(0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80),
)
last_success: Final = Gauge(
    "synthetic_purchase_last_success_seconds", "Unix time of the last purchase that succeeded"
)
for _outcome in ("succeeded", "failed"):
    purchases.labels(_outcome)
for _step in STEPS:
    failures.labels(_step)
    step_seconds.labels(_step)


class PurchaseFailed(Exception):
    """A step did not bring what it should."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(f"{step}: {why}")
        self.step = step


@dataclass
class Purchase:
    """One purchase, step by step. `say` is told each line for people."""

    api: Api
    api_key: str = field(repr=False)
    say: Callable[[str], None]

    async def run(self) -> str:
        """Buys one unit and waits until it is cancelled and paid back.

        Returns the order's number. Raises PurchaseFailed.
        """
        async with self._step("session"):
            await self.api.become_synthetic(self.api_key)
        async with self._step("search"):
            # What customers find, so that this sees too whether they can.
            await self.api.call("GET", "/v1/search?q=a&page_size=1")
        async with self._step("offer"):
            variant_id = cheapest((await self.api.call("GET", "/v1/synthetic/offers")).body)
        async with self._step("cart"):
            cart = await self.api.start_cart((variant_id, 1))
        async with self._step("checkout"):
            checkout = await self.api.start_checkout(cart["id"], email=EMAIL)
        async with self._step("order"):
            order = await self._placed((await self.api.complete(checkout)).body)
        async with self._step("cancelled"):
            await self._until(order["id"], _is_given_back)
        return str(order["number"])

    async def _placed(self, order: dict[str, Any]) -> dict[str, Any]:
        return await self._until(order["id"], lambda found: bool(found.get("placed_at")))

    async def _until(
        self, order_id: str, is_there: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        while True:
            found: dict[str, Any] = (await self.api.call("GET", f"/v1/orders/{order_id}")).body
            if is_there(found):
                return found
            await asyncio.sleep(_LOOK_SECONDS)

    @asynccontextmanager
    async def _step(self, name: str) -> AsyncIterator[None]:
        began = time.monotonic()
        try:
            async with asyncio.timeout(STEP_SECONDS):
                yield
        except TimeoutError:
            raise PurchaseFailed(name, f"not within {STEP_SECONDS:.0f} s") from None
        except (ApiError, httpx.HTTPError) as error:
            raise PurchaseFailed(name, str(error) or type(error).__name__) from error
        except (KeyError, IndexError, ValueError) as error:
            raise PurchaseFailed(
                name, f"the answer has another form ({type(error).__name__}: {error})"
            ) from error
        seconds = time.monotonic() - began
        step_seconds.labels(name).observe(seconds)
        self.say(f"{name:<10} {seconds:6.3f} s")


def cheapest(answer: dict[str, Any]) -> str:
    """The variant to buy. Raises ValueError where there is none."""
    offers = [offer for offer in answer["offers"] if offer["available"] > 0]
    if not offers:
        raise ValueError("no synthetic product is in stock")
    return str(min(offers, key=lambda offer: offer["price"]["amount_minor"])["variant_id"])


def _is_given_back(order: dict[str, Any]) -> bool:
    is_refunded = all(payment["refunded"] == payment["captured"] for payment in order["payments"])
    return bool(order["status"] == "cancelled" and is_refunded)


async def buy(url: str, api_key: str, say: Callable[[str], None]) -> bool:
    """One purchase, told and counted. Whether it succeeded."""
    began = time.monotonic()
    try:
        async with Api([url]) as api:
            number = await Purchase(api, api_key, say).run()
    except PurchaseFailed as failure:
        purchases.labels("failed").inc()
        failures.labels(failure.step).inc()
        say(f"failed     {failure}")
        return False
    seconds = time.monotonic() - began
    purchases.labels("succeeded").inc()
    purchase_seconds.observe(seconds)
    last_success.set_to_current_time()
    say(f"bought     {seconds:6.3f} s {number}")
    return True


async def buy_every(url: str, api_key: str, say: Callable[[str], None], seconds: float) -> None:
    """Buys until cancelled, once per interval; a longer purchase is followed at once."""
    while True:
        began = time.monotonic()
        await buy(url, api_key, say)
        await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))


def add_options(parser: argparse.ArgumentParser, *, is_required: bool) -> None:
    """Settings of the shopper, by options or, in a container, by the environment:

    GATEWAY_URL, SYNTHETIC_API_KEY, EVERY_SECONDS, HOST, ADMIN_PORT.
    """
    url, key, every = (
        os.environ.get(name) or None
        for name in ("GATEWAY_URL", "SYNTHETIC_API_KEY", "EVERY_SECONDS")
    )
    parser.add_argument(
        "--url", default=url, required=is_required and not url, help="base URL of the API"
    )
    parser.add_argument(
        "--api-key-file",
        type=Path,
        required=is_required and not key,
        metavar="FILE",
        help="a file with an API key of the role synthetic",
    )
    parser.add_argument(
        "--every",
        type=float,
        default=every and float(every),
        metavar="SECONDS",
        help="go on buying, and serve /metrics, until SIGTERM",
    )
    parser.add_argument(
        "--host",
        default=os.environ.get("HOST", "127.0.0.1"),
        help="where to serve /metrics (default 127.0.0.1)",
    )
    parser.add_argument(
        "--metrics-port",
        type=int,
        default=int(os.environ.get("ADMIN_PORT", "9464")),
        metavar="PORT",
        help="default 9464",
    )


async def run(
    chosen: argparse.Namespace, url: str, api_key: str, say: Callable[[str], None]
) -> bool:
    """Shops as chosen. True for one purchase that succeeded, and for the end of many."""
    me = asyncio.current_task()
    assert me is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        # Process 1 of a container is not ended by a signal that it does not handle.
        asyncio.get_running_loop().add_signal_handler(number, me.cancel)
    if chosen.every is None:
        return await buy(url, api_key, say)
    health = Health()
    health.is_ready = True
    stop = serve(health, chosen.host, chosen.metrics_port)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_beat(health))
                tasks.create_task(buy_every(url, api_key, say, chosen.every))
    finally:
        stop()
    return True


def _api_key(chosen: argparse.Namespace) -> str:
    return str(
        chosen.api_key_file.read_text().strip()
        if chosen.api_key_file
        else os.environ["SYNTHETIC_API_KEY"]
    )


async def _beat(health: Health) -> None:
    while True:
        health.beat()
        await asyncio.sleep(1)


def print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 for a successful purchase, 1 for a failed one, 143 for one ended by a signal."""
    parser = argparse.ArgumentParser(
        prog="python -m stack.shoppers.shop", description=(__doc__ or "").partition("\n")[0]
    )
    add_options(parser, is_required=True)
    chosen = parser.parse_args(arguments)
    try:
        return 0 if asyncio.run(run(chosen, chosen.url, _api_key(chosen), print_line)) else 1
    except asyncio.CancelledError:
        return 128 + signal.SIGTERM


if __name__ == "__main__":
    sys.exit(main())
