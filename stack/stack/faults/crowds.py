"""Crowds: double taps at a slow bank, and more shoppers than the machine can serve.

At the end the ledger is compared with the orders.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from rich.console import Console

from stack.bench.load import Connection, Unexpected
from stack.faults.chaos import Say, charges, misbehave, new_product
from stack.platform import Platform
from stack.shoppers.shopper import ADDRESS, Api, ApiError, Reply, amount_of, total_of
from stack.topology import STAFF_EMAIL

# What an order that the shop accepts may take, and what it may take to be told that it is too busy.
MOST_ORDER_SECONDS: Final = 3.0
MOST_REFUSAL_SECONDS: Final = 0.1
# Under the payment timeout of the sell-out's settings: each call to the bank takes so long, and is
# answered.
_BANK_MS: Final = 900
_SETTLE_SECONDS: Final = 60.0


@dataclass
class Crowd:
    """Results of a crowd's orders.

    Times are in seconds; `charged` are the net charges of its orders in the bank's ledger.
    """

    placed: dict[str, int] = field(default_factory=dict)
    charged: dict[str, int] = field(default_factory=dict)
    order_seconds: list[float] = field(default_factory=list)
    refusal_seconds: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def problems(self) -> list[str]:
        """Returns what is wrong, in sentences; empty when all is well."""
        found = [f"unclear answer: {failure}" for failure in self.failures]
        if not self.placed:
            found.append("nobody got an order")
        if self.charged != self.placed:
            found.append(
                f"the ledger has {len(self.charged)} charges for {len(self.placed)} orders"
            )
        return found

    def delays(self) -> list[str]:
        """Returns which answers took longer than promised, in sentences.

        Holds on a machine that does nothing else.
        """
        found = []
        if self.order_seconds and (slow := percentile(self.order_seconds, 95)) > MOST_ORDER_SECONDS:
            found.append(
                f"accepted orders took {slow:.2f} s (95th percentile), more than "
                f"{MOST_ORDER_SECONDS} s"
            )
        if (
            self.refusal_seconds
            and (slow := statistics.median(self.refusal_seconds)) > MOST_REFUSAL_SECONDS
        ):
            found.append(f"refusals took {slow:.2f} s (median), more than {MOST_REFUSAL_SECONDS} s")
        return found


def percentile(values: Sequence[float], percent: int) -> float:
    """Returns the value that `percent` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * percent // 100) - 1, 0)]


async def double_tap(
    platform: Platform,
    *,
    shoppers: int = 12,
    repeats: int = 80,
    bystanders: int = 14,
    say: Say = print,
) -> Crowd:
    """Runs shoppers who tap twice at a slow bank, one who taps `repeats` times, and bystanders."""
    crowd = Crowd()
    async with Api(platform.gateway_urls, patience_seconds=30) as staff:
        await staff.log_in(STAFF_EMAIL, platform.staff_password)
        _, variant_id = await new_product(staff, shoppers + bystanders + 1)
        await misbehave(platform, {"latency_ms": _BANK_MS})
        say(
            f"the bank takes {_BANK_MS / 1000} s a call; {shoppers} shoppers tap twice, one "
            f"{repeats} times, {bystanders} buy beside them"
        )
        try:
            taps = [2] * shoppers + [repeats]
            buying = [_tap(platform, variant_id, count, crowd) for count in taps] + [
                _tap(platform, variant_id, 1, crowd) for _ in range(bystanders)
            ]
            before = set(await charges(platform))
            await asyncio.gather(*buying)
        finally:
            await misbehave(platform, None)
        await _settle(platform, staff, crowd, before)
    if len(crowd.placed) != shoppers + bystanders + 1:
        crowd.failures.append(
            f"{len(crowd.placed)} of {shoppers + bystanders + 1} shoppers got their order"
        )
    return crowd


async def _tap(platform: Platform, variant_id: str, count: int, crowd: Crowd) -> None:
    async with Api(platform.gateway_urls, patience_seconds=_SETTLE_SECONDS) as shopper:
        try:
            await shopper.become_guest()
            cart = await shopper.start_cart((variant_id, 1))
            checkout = await shopper.start_checkout(
                cart["id"], email=f"{uuid.uuid4().hex}@example.com"
            )
            key = str(uuid.uuid4())
            # From here on only a refusal for load, which is a clear answer, is repeated.
            shopper.patience_seconds = 0
            replies = await asyncio.gather(
                *(_complete(shopper, checkout, key, crowd) for _ in range(count))
            )
        except (ApiError, httpx.HTTPError) as error:
            crowd.failures.append(f"{error} ({type(error).__name__})")
            return
        crowd.answers.update(str(reply.status) for reply in replies)
        for order_id in {reply.body["id"] for reply in replies}:
            crowd.placed[order_id] = total_of(replies[0].body)


async def _complete(shopper: Api, checkout: dict[str, Any], key: str, crowd: Crowd) -> Reply:
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        try:
            return await shopper.complete(checkout, key=key)
        except ApiError as error:
            if error.reason != "OVERLOADED" or time.monotonic() > deadline:
                raise
            crowd.answers["OVERLOADED"] += 1
            await asyncio.sleep(float(error.problem["metadata"]["retry_after_seconds"]))


async def overload(
    platform: Platform, *, shoppers: int = 250, seconds: float = 30, say: Say = print
) -> Crowd:
    """Runs more shoppers than the machine can serve: each browses, fills a cart and orders."""
    crowd = Crowd()
    async with Api(platform.gateway_urls, patience_seconds=30) as staff:
        await staff.log_in(STAFF_EMAIL, platform.staff_password)
        _, variant_id = await new_product(staff, 1_000_000)
        before = set(await charges(platform))
        say(f"{shoppers} shoppers buy for {seconds:.0f} s, more than the machine can serve")
        until = time.monotonic() + seconds
        urls = platform.gateway_urls
        crowds = [
            _Shopper(Connection(urls[number % len(urls)]), crowd, until)
            for number in range(shoppers)
        ]
        # They come within three seconds and not in one instant, which no shop sees.
        await asyncio.gather(
            *(each.shop(variant_id, 3 * number / shoppers) for number, each in enumerate(crowds))
        )
        await _settle(platform, staff, crowd, before)
    orders, refusals = crowd.order_seconds or [0.0], crowd.refusal_seconds or [0.0]
    say(
        f"{len(crowd.placed)} orders: median {statistics.median(orders):.2f} s, 95th percentile "
        f"{percentile(orders, 95):.2f} s; "
        f"{len(crowd.refusal_seconds)} refusals: median {statistics.median(refusals) * 1000:.0f} "
        "ms, "
        f"95th percentile {percentile(refusals, 95) * 1000:.0f} ms; {dict(crowd.answers)}"
    )
    return crowd


def print_verdict(crowd: Crowd, console: Console) -> bool:
    """Prints what a crowd came to. Returns whether all is well."""
    problems = crowd.problems() + crowd.delays()
    for problem in problems[:20]:
        console.print(f"[bold red]wrong[/] {problem}")
    if not problems:
        console.print(
            f"[green]✓[/] {len(crowd.placed)} orders placed and charged once each; every other "
            "answer was a clear one"
        )
    return not problems


@dataclass
class _Shopper:
    """A shopper of the overload on its own connection, with a client that costs little."""

    connection: Connection
    crowd: Crowd
    until: float
    token: str = ""

    async def shop(self, variant_id: str, after: float) -> None:
        """Buys again and again until the time is over."""
        await asyncio.sleep(after)
        try:
            self.token = (await self._call("POST", "/v1/sessions/guest"))["access_token"]
            while True:
                await self._buy(variant_id)
        except _TimeOver:
            pass
        except (Unexpected, OSError, TimeoutError) as error:
            self.crowd.failures.append(f"{error} ({type(error).__name__})")

    async def _buy(self, variant_id: str) -> None:
        await self._call("GET", f"/v1/search?q=last&page_size={random.randint(1, 100)}")
        cart = await self._call(
            "POST",
            "/v1/carts",
            {"currency": "EUR", "lines": [{"variant_id": variant_id, "quantity": 1}]},
        )
        checkout = await self._call(
            "POST",
            "/v1/checkouts",
            {"cart_id": cart["id"], "email": f"{uuid.uuid4().hex}@example.com"},
        )
        path = f"/v1/checkouts/{checkout['id']}"
        checkout = await self._call("PATCH", path, {"delivery_address": ADDRESS})
        choice = {
            "delivery_option_id": checkout["delivery_options"][0]["id"],
            "payment_method_id": checkout["payment_methods"][0]["id"],
            "payment_token": "pm_card_ok",
        }
        checkout = await self._call("PATCH", path, choice)
        order = await self._call(
            "POST",
            f"{path}/complete",
            {"expected_total": amount_of(checkout)},
            seconds=self.crowd.order_seconds,
        )
        self.crowd.placed[order["id"]] = total_of(order)

    async def _call(
        self, method: str, path: str, body: Any = None, *, seconds: list[float] | None = None
    ) -> Any:
        """Returns a reply's body.

        What is refused for load is repeated with its key after the time that the refusal names.
        """
        headers = {"Idempotency-Key": str(uuid.uuid4())} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        while True:
            if time.monotonic() > self.until:
                raise _TimeOver
            began = time.monotonic()
            answer = await self.connection.send(method, path, body, headers)
            took = time.monotonic() - began
            if answer.status != 503:
                if seconds is not None:
                    seconds.append(took)
                return answer.json()
            problem = json.loads(answer.body)
            self.crowd.answers[problem["reason"]] += 1
            if problem["reason"] == "OVERLOADED":
                self.crowd.refusal_seconds.append(took)
            await asyncio.sleep(float(problem["metadata"].get("retry_after_seconds", 1)))


class _TimeOver(Exception):
    """The overload has lasted long enough."""


async def _settle(platform: Platform, staff: Api, crowd: Crowd, before: set[str]) -> None:
    """Waits until every order is decided, and reads orders and ledger until they agree."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        crowd.charged = {
            order: amount
            for order, amount in (await charges(platform)).items()
            if order not in before
        }
        # Orders whose shopper had no time left to hear of them count too.
        for order_id in crowd.charged.keys() - crowd.placed.keys():
            order = (await staff.call("GET", f"/v1/orders/{order_id}")).body
            if order["status"] == "placed":
                crowd.placed[order_id] = total_of(order)
        if crowd.charged == crowd.placed or time.monotonic() > deadline:
            return
        await asyncio.sleep(0.5)
