"""The sell-out: more shoppers than units, killed replicas, a provider that times out.

A third of the shoppers pays by card, a third by a gift card beside a card, and a third by bank
transfer. At the end the ledgers are compared with the orders.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import httpx
from rich.console import Console
from rich.table import Table

from stack.faults.payers import (
    Payer,
    paid_by,
    payers,
    ready_to_pay,
    transfer_money,
    unpaid_orders,
    way_of,
    wrong_gift_cards,
)
from stack.platform import Platform
from stack.shoppers.mail import mails_to
from stack.shoppers.shopper import Api, ApiError
from stack.shoppers.virtual_time import advance
from stack.topology import STAFF_EMAIL

PATIENCE_SECONDS: Final = 60.0
# Longer than a reservation lives and a checkout waits.
LATER_SECONDS: Final = 2 * 3600.0
KILLED: Final = ("gateway-2", "catalog-2", "cart-2", "checkout-2", "notifications-1", "journey-1")
# Killed before the till opens too: they keep what is put into carts.
KILLED_EARLY: Final = ("gateway-2", "cart-2")
REPLICATED: Final = {"gateway": 2, "catalog": 2, "cart": 2, "checkout": 2}
# One machine plays all shoppers, from one address, and two of its cores bear both gateways.
# A call that takes 0.4 s tells of overload here. Provider calls are given up early, so that a lost
# answer shows in the time.
SETTINGS: Final = {
    "gateway": {
        "RATE_LIMIT_PER_MINUTE": "1000000",
        "LOGIN_RATE_LIMIT_PER_MINUTE": "100000",
        "CODE_RATE_LIMIT_PER_MINUTE": "100000",
        "PEER_ORDERS": "4",
        "PEER_TARGET_SECONDS": "0.4",
    },
    "checkout": {"PAYMENT_TIMEOUT_SECONDS": "1", "RECONCILE_AFTER_SECONDS": "2"},
}
Say = Callable[[str], None]


class Payments(Protocol):
    """The payment simulator's URL and key: of a platform, or of an installation of one."""

    @property
    def simulator_url(self) -> str: ...

    def secret(self, name: str) -> str: ...


@dataclass
class Outcome:
    """Outcome of a sell-out. `placed` are the amounts that cards are to pay, by order."""

    units: int
    payers: Sequence[Payer] = ()
    placed: dict[str, int] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    refusal_seconds: list[float] = field(default_factory=list)
    charged_before: frozenset[str] = frozenset()
    charged: dict[str, int] = field(default_factory=dict)
    on_hand: int = -1
    reserved: int = -1
    unfinished: int = -1
    confirmations: dict[str, int] = field(default_factory=dict)
    on_journeys: int = 0
    money: list[str] = field(default_factory=list)
    ways: Counter[str] = field(default_factory=Counter)

    def problems(self) -> list[str]:
        """Returns the wrong results; empty if all is well."""
        found = [f"unclear answer: {failure}" for failure in self.failures] + self.money
        if len(self.placed) != self.units:
            found.append(f"{len(self.placed)} orders placed instead of {self.units}")
        if odd := differences(self.charged, self.placed):
            found.append(f"the ledger does not agree with the orders: {odd}")
        if (self.on_hand, self.reserved) != (0, 0):
            found.append(f"{self.on_hand} units on hand and {self.reserved} reserved")
        if self.unfinished:
            found.append(f"{self.unfinished} orders are neither placed nor refused")
        if self.confirmations != dict.fromkeys(self.placed, 1):
            found.append(
                f"{sum(self.confirmations.values())} confirmations were mailed for "
                f"{len(self.placed)} orders"
            )
        if self.on_journeys != len(self.placed):
            found.append(f"{self.on_journeys} of {len(self.placed)} orders are on a journey")
        return found


class Till:
    """Opens once all shoppers are there, or have given up, so that each has the same chance."""

    def __init__(self, shoppers: int) -> None:
        self._missing, self.opened = shoppers, asyncio.Event()

    def arrive(self) -> None:
        self._missing -= 1
        if not self._missing:
            self.opened.set()


def differences(charged: dict[str, int], owed: dict[str, int]) -> list[str]:
    """Returns the orders of which a provider's ledger has another amount than they owe by card."""
    return sorted(
        key for key in charged.keys() | owed.keys() if charged.get(key, 0) != owed.get(key, 0)
    )


async def sell_out(
    platform: Platform,
    *,
    shoppers: int,
    units: int,
    kill: Sequence[str] = KILLED,
    timeout_every: int = 10,
    seed: int = 1,
    say: Say = print,
) -> Outcome:
    """Plays it on a running platform with a virtual clock and two replicas of what is killed.

    Returns the outcome; does not judge.
    """
    urls = platform.gateway_urls
    outcome = Outcome(units, charged_before=frozenset(await charges(platform)))
    async with Api(urls, patience_seconds=PATIENCE_SECONDS) as staff:
        await staff.log_in(STAFF_EMAIL, platform.staff_password)
        sku, variant_id = await new_product(staff, units)
        outcome.payers = await payers(staff, variant_id, shoppers)
        await misbehave(
            platform, {"timeout_after_charge_every": timeout_every, "timeout_seconds": 20}
        )
        say(
            f"{shoppers} shoppers want {units} units of {sku}; every {timeout_every}th charge "
            "times out after it was made"
        )
        began = time.monotonic()
        till = Till(shoppers)
        chance = random.Random(seed)
        buying = asyncio.gather(
            *(_shop(urls, variant_id, payer, till, outcome) for payer in outcome.payers)
        )
        await kill_and_start(platform, [name for name in kill if name in KILLED_EARLY], chance, say)
        await till.opened.wait()
        say(f"all are at the till after {time.monotonic() - began:.1f} s")
        await asyncio.gather(buying, kill_and_start(platform, kill, chance, say))
        say(
            f"all answered after {time.monotonic() - began:.1f} s: {len(outcome.placed)} placed, "
            f"{dict(outcome.refusals)}"
        )
        await misbehave(platform, None)
        await _settle(platform, staff, outcome, sku)
    return outcome


async def new_product(staff: Api, units: int) -> tuple[str, str]:
    """Imports a product with `units` on hand. Returns its SKU and its variant's id."""
    sku = f"sell-out-{uuid.uuid4().hex[:8]}"
    product = {
        "external_id": sku,
        "slug": sku,
        "title": {"en": "The last ones"},
        "published": True,
        "variants": [
            {
                "sku": sku,
                "prices": [{"price": {"amount_minor": 4900, "currency": "EUR"}}],
                "initial_stock": {"": units},
            }
        ],
    }
    await staff.call(
        "POST", "/v1/staff/products/import", {"source": "chaos", "products": [product]}
    )
    page = (await staff.call("GET", f"/v1/products/{sku}?currency=EUR")).body
    return sku, page["variants"][0]["id"]


async def _shop(
    urls: Sequence[str], variant_id: str, payer: Payer, till: Till, outcome: Outcome
) -> None:
    async with Api(
        urls, patience_seconds=PATIENCE_SECONDS, client=httpx.AsyncClient(timeout=30)
    ) as shopper:
        began = time.monotonic()
        shopper.consent, shopper.keeps_visitor = "analytics", True
        try:
            try:
                await shopper.become_guest()
                checkout = await ready_to_pay(shopper, variant_id, payer)
            finally:
                till.arrive()
            await till.opened.wait()
            began = time.monotonic()
            reply = await shopper.complete(checkout)
            order = await _decided(shopper, reply.body)
        except ApiError as error:
            outcome.refusals[error.reason] += 1
            outcome.refusal_seconds.append(time.monotonic() - began)
            if error.status != 409:
                outcome.failures.append(str(error))
        except httpx.TransportError as error:
            outcome.failures.append(f"{type(error).__name__} after {PATIENCE_SECONDS} s")
        else:
            if order["status"] == "placed":
                outcome.placed[order["id"]] = paid_by(order, "simulator")
            else:
                outcome.refusals[order["refusal_reason"] or order["status"]] += 1


async def _decided(shopper: Api, order: dict[str, Any]) -> dict[str, Any]:
    """The order once it is decided; a 202 says where to look."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while order["status"] in ("pending", "action_required") and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        order = (await shopper.call("GET", f"/v1/orders/{order['id']}")).body
    return order


async def kill_and_start(
    platform: Platform, names: Sequence[str], chance: random.Random, say: Say
) -> None:
    """Kills each of the processes at a moment of its own, and starts it again."""

    async def one(name: str, after: float) -> None:
        await asyncio.sleep(after)
        await asyncio.to_thread(platform.kill, name)
        say(f"killed {name}")
        await asyncio.sleep(chance.uniform(0.5, 1.5))
        await asyncio.to_thread(platform.start, name)
        say(f"started {name} again")

    await asyncio.gather(*(one(name, chance.uniform(0.5, 4)) for name in names))


async def misbehave(platform: Platform, rules: dict[str, Any] | None) -> None:
    """Sets how the payment simulator misbehaves; None ends it."""
    headers = {"Authorization": f"Bearer {platform.secret('simulator.api-key')}"}
    async with httpx.AsyncClient(base_url=platform.simulator_url, headers=headers) as client:
        response = await (
            client.delete("/misbehaviour")
            if rules is None
            else client.put("/misbehaviour", json=rules)
        )
        response.raise_for_status()


async def charges(platform: Payments) -> dict[str, int]:
    """Returns the net amounts of the provider's own ledger by order id, in minor units."""
    headers = {"Authorization": f"Bearer {platform.secret('simulator.api-key')}"}
    async with httpx.AsyncClient(base_url=platform.simulator_url, headers=headers) as client:
        body = (await client.get("/ledger/summary")).raise_for_status().json()
    rows = body["references"] if isinstance(body, dict) else body
    return {
        row["reference"]: row["net_captured_minor"] for row in rows if row["net_captured_minor"]
    }


async def _settle(platform: Platform, staff: Api, outcome: Outcome, sku: str) -> None:
    """Lets time pass, reconciles, and reads stock, orders and ledger until they rest."""
    await advance(platform.nats.url(), LATER_SECONDS)
    deadline = time.monotonic() + 45
    while True:
        await staff.call("POST", "/v1/staff/reconcile")
        levels = (await staff.call("GET", f"/v1/staff/stock/{sku}")).body["levels"]
        outcome.on_hand = sum(level["on_hand"] for level in levels)
        outcome.reserved = sum(level["reserved"] for level in levels)
        outcome.charged = await charges(platform)
        outcome.unfinished = 0
        for status in ("pending", "action_required", "cancelling"):
            waiting = (
                await staff.call("GET", f"/v1/staff/orders?status={status}&page_size=100")
            ).body["orders"]
            outcome.unfinished += len(waiting)
        # Orders whose shopper saw a lost connection count too, once they are placed.
        placed = [order async for order in orders(staff, "placed")]
        sold = [
            order for order in placed if any(line["item"]["sku"] == sku for line in order["lines"])
        ]
        outcome.placed = {order["id"]: paid_by(order, "simulator") for order in sold}
        outcome.ways = Counter(way_of(order) for order in sold)
        await transfer_money(staff, sold)
        outcome.money = await wrong_gift_cards(staff, outcome.payers, sold)
        if odd := unpaid_orders(sold):
            outcome.money.append(f"payments do not add up to the totals of {odd}")
        others = {order["id"] for order in placed} - outcome.placed.keys()
        others |= outcome.charged_before
        outcome.charged = {
            reference: amount
            for reference, amount in outcome.charged.items()
            if reference not in others
        }
        await _follow_up(platform, staff, outcome, placed)
        if not outcome.problems() or time.monotonic() > deadline:
            return
        await asyncio.sleep(0.5)


async def _follow_up(
    platform: Platform, staff: Api, outcome: Outcome, placed: Sequence[dict[str, Any]]
) -> None:
    """Counts the mails of each order, duplicates included, and the orders on a journey."""
    outcome.confirmations, outcome.on_journeys = {}, 0
    for order in placed:
        if order["id"] not in outcome.placed:
            continue
        mails = await mails_to(platform.url("mailbox"), order["email"])
        outcome.confirmations[order["id"]] = sum(
            mail["deliveries"] for mail in mails if "is confirmed" in mail["subject"]
        )
        journey = await staff.journey(order_id=order["id"])
        outcome.on_journeys += any(
            touchpoint["subject"] == order["id"] for touchpoint in journey["touchpoints"]
        )


async def orders(staff: Api, status: str) -> Any:
    """All orders of a status, page by page."""
    token = ""
    while True:
        page = (
            await staff.call(
                "GET", f"/v1/staff/orders?status={status}&page_size=100&page_token={token}"
            )
        ).body
        for order in page["orders"]:
            yield order
        token = page["next_page_token"]
        if not token:
            return


def print_verdict(outcome: Outcome, console: Console) -> bool:
    """Prints the ledger against the orders. Returns whether all is well."""
    table = Table("order", "order total", "net charge in the ledger", box=None, pad_edge=False)
    for reference in sorted(outcome.placed.keys() | outcome.charged.keys()):
        table.add_row(
            reference,
            str(outcome.placed.get(reference, "–")),
            str(outcome.charged.get(reference, "–")),
        )
    console.print(table)
    waits = sorted(outcome.refusal_seconds)
    if waits:
        console.print(
            f"{len(waits)} clear refusals; median {waits[len(waits) // 2]:.2f} s, slowest "
            f"{waits[-1]:.2f} s after the last tap"
        )
    console.print(
        f"{len(outcome.placed)} orders placed, {len(outcome.charged)} charged; {outcome.on_hand} "
        f"on hand, {outcome.reserved} reserved"
    )
    ways = ", ".join(f"{count} by {way}" for way, count in sorted(outcome.ways.items()))
    console.print(f"paid: {ways}")
    mailed = sum(outcome.confirmations.values())
    console.print(f"{mailed} confirmations mailed, {outcome.on_journeys} orders on a journey")
    for problem in outcome.problems():
        console.print(f"[bold red]wrong[/] {problem}")
    if not outcome.problems():
        console.print(
            "[green]✓[/] every unit sold once, every buyer charged and told once, nobody else "
            "charged"
        )
    return not outcome.problems()
