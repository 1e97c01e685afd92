"""Returns, exchanges and claims of orders of three payment methods, while replicas die.

The bank is slow, so that a kill loses the answer to a refund. At the end the ledgers of the bank
and of the gift cards are compared with the orders, and the stock with what came back.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from rich.console import Console

from stack.faults.chaos import (
    PATIENCE_SECONDS,
    Say,
    charges,
    differences,
    kill_and_start,
    misbehave,
    new_product,
)
from stack.faults.payers import (
    Payer,
    paid_by,
    payers,
    ready_to_pay,
    transfer_money,
    wrong_gift_cards,
)
from stack.platform import Platform
from stack.shoppers.mail import mails_to
from stack.shoppers.shopper import Api, ApiError, total_of
from stack.topology import STAFF_EMAIL

# What happens to an order after its sale; each kind of payer in turn.
RETURNED, RETURNED_LESS, KEPT, EXCHANGED, CLAIMED = _TURNS = range(5)
# Both replicas of checkout, one after the other, and one of what its events and calls need.
KILLED: Final = ("checkout-1", "checkout-2", "catalog-2", "notifications-1", "journey-1")
DEDUCTION_MINOR: Final = 500
_BANK_MS: Final = 600
_SETTLE_SECONDS: Final = 60.0


@dataclass
class Returned:
    """Outcome of the returns; amounts in minor units, by order."""

    ordered: int = 0
    kept: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def problems(self) -> list[str]:
        """Returns what is wrong, in sentences; empty when all is well."""
        return [f"unclear answer: {failure}" for failure in self.failures] + self.wrong


async def send_back(
    platform: Platform,
    *,
    buyers: int,
    kill: Sequence[str] = KILLED,
    seed: int = 1,
    say: Say = print,
) -> Returned:
    """Sells one unit to each buyer, and takes units back, exchanges them, or makes up for them.

    Returns the outcome; does not judge.
    """
    outcome = Returned(buyers)
    async with Api(platform.gateway_urls, patience_seconds=PATIENCE_SECONDS) as staff:
        await staff.log_in(STAFF_EMAIL, platform.staff_password)
        sku, variant_id = await new_product(staff, buyers)
        all_payers = await payers(staff, variant_id, buyers)
        sold = await asyncio.gather(*(_buy(platform, variant_id, payer) for payer in all_payers))
        await transfer_money(staff, sold)
        came_back = {order["id"]: number // 3 % len(_TURNS) for number, order in enumerate(sold)}
        say(
            f"{buyers} units of {sku} are sold by three payment methods; of five two come back, "
            "one is exchanged, and one is broken"
        )
        await misbehave(platform, {"latency_ms": _BANK_MS})
        await asyncio.gather(
            kill_and_start(platform, kill, random.Random(seed), say),
            *(_ship_and_return(staff, order, came_back[order["id"]], outcome) for order in sold),
        )
        await misbehave(platform, None)
        await _settle(platform, staff, sku, all_payers, came_back, outcome)
    return outcome


async def _buy(platform: Platform, variant_id: str, payer: Payer) -> dict[str, Any]:
    async with Api(
        platform.gateway_urls,
        patience_seconds=PATIENCE_SECONDS,
        client=httpx.AsyncClient(timeout=30),
    ) as shopper:
        await shopper.become_guest()
        checkout = await ready_to_pay(shopper, variant_id, payer)
        return dict((await shopper.complete(checkout)).body)


async def _ship_and_return(staff: Api, order: dict[str, Any], turn: int, outcome: Returned) -> None:
    """Ships and delivers, and does what the turn says."""
    line = {"order_line_id": order["lines"][0]["id"], "quantity": 1}
    path = f"/v1/staff/orders/{order['id']}"
    try:
        parcel = {"carrier": "DHL", "tracking_number": order["number"]}
        shipped = (await staff.call("POST", f"{path}/shipments", parcel)).body
        await staff.call("POST", f"{path}/shipments/{shipped['shipments'][0]['id']}/delivered")
        if turn == KEPT:
            return
        if turn == CLAIMED:
            broken = {"lines": [{**line, "problem": "damaged"}]}
            claim = (await staff.call("POST", f"{path}/claims", broken)).body
            settled = {"settlement": "refund"}
            await staff.call("POST", f"/v1/staff/claims/{claim['id']}/settle", settled)
            return
        asked = {"lines": [{**line, "reason": "wrong-size"}]}
        opened = (await staff.call("POST", f"{path}/returns", asked)).body
        one = f"/v1/staff/returns/{opened['id']}"
        back = {**line, "condition": "as_new", "restock": True}
        await staff.call("POST", f"{one}/receive", {"lines": [back]})
        if turn == EXCHANGED:
            variant_id = order["lines"][0]["item"]["variant_id"]
            wish = {"order_line_id": line["order_line_id"], "variant_id": variant_id}
            await staff.call("POST", f"{one}/exchange", {"lines": [wish]})
        deduction = {
            "deduction": {"amount_minor": DEDUCTION_MINOR, "currency": "EUR"},
            "deduction_reason": "worn",
        }
        await staff.call("POST", f"{one}/refund", deduction if turn == RETURNED_LESS else {})
    except (ApiError, httpx.TransportError) as error:
        outcome.failures.append(f"{type(error).__name__} {error}")


async def _settle(
    platform: Platform,
    staff: Api,
    sku: str,
    all_payers: Sequence[Payer],
    came_back: dict[str, int],
    outcome: Returned,
) -> None:
    """Reconciles, and reads orders, ledgers, stock and mails until they agree."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        await staff.call("POST", "/v1/staff/reconcile")
        sold = [
            (await staff.call("GET", f"/v1/staff/orders/{order_id}")).body["order"]
            for order_id in came_back
        ]
        outcome.kept = {
            order["id"]: sum(
                paid_by(order, provider) for provider in ("simulator", "gift_card", "offline")
            )
            for order in sold
        }
        outcome.wrong = [
            *_wrong_amounts(sold, came_back, outcome.kept),
            *await _wrong_replacements(staff, sold, came_back),
            *await wrong_gift_cards(staff, all_payers, sold),
            *await _wrong_stock(staff, sku, came_back),
            *await _wrong_mails(platform, sold, came_back),
        ]
        charged = await charges(platform)
        owed = {order["id"]: paid_by(order, "simulator") for order in sold}
        if odd := differences({key: charged.get(key, 0) for key in owed}, owed):
            outcome.wrong.append(f"the bank's ledger does not agree with the orders: {odd}")
        if not outcome.wrong or time.monotonic() > deadline:
            return
        await asyncio.sleep(0.5)


def _wrong_amounts(
    sold: Sequence[dict[str, Any]], came_back: dict[str, int], kept: dict[str, int]
) -> list[str]:
    found = []
    for order in sold:
        goods, total = order["lines"][0]["item"]["total"]["amount_minor"], total_of(order)
        right = (0, DEDUCTION_MINOR, total, goods, total - goods)[came_back[order["id"]]]
        if kept[order["id"]] != right:
            found.append(f"{order['id']} keeps {kept[order['id']]} instead of {right}")
    return found


async def _wrong_replacements(
    staff: Api, sold: Sequence[dict[str, Any]], came_back: dict[str, int]
) -> list[str]:
    """Each order that is exchanged has one replacement, which costs as much and is paid."""
    found = []
    for order in sold:
        path = f"/v1/staff/returns?order_id={order['id']}"
        returns = (await staff.call("GET", path)).body["returns"]
        ids = {each["replacement_order_id"] for each in returns} - {""}
        paid = []
        for each in ids:
            made = (await staff.call("GET", f"/v1/staff/orders/{each}")).body["order"]
            paid += [sum(one["captured"]["amount_minor"] for one in made["payments"])]
        goods = order["lines"][0]["item"]["total"]["amount_minor"]
        if paid != ([goods] if came_back[order["id"]] == EXCHANGED else []):
            found.append(f"the replacements of {order['id']} are paid with {paid}")
    return found


async def _wrong_stock(staff: Api, sku: str, came_back: dict[str, int]) -> list[str]:
    levels = (await staff.call("GET", f"/v1/staff/stock/{sku}")).body["levels"]
    on_hand = sum(level["on_hand"] for level in levels)
    reserved = sum(level["reserved"] for level in levels)
    # What is exchanged comes back, and goes out again.
    right = sum(turn in (RETURNED, RETURNED_LESS) for turn in came_back.values())
    if (on_hand, reserved) == (right, 0):
        return []
    return [f"{on_hand} units on hand and {reserved} reserved where {right} came back"]


async def _wrong_mails(
    platform: Platform, sold: Sequence[dict[str, Any]], came_back: dict[str, int]
) -> list[str]:
    """Each buyer of a returned unit is told once that the return is done."""
    found = []
    for order in sold:
        mails = await mails_to(platform.url("mailbox"), order["email"])
        told = sum(mail["deliveries"] for mail in mails if "is done" in mail["text"])
        if told != (came_back[order["id"]] not in (KEPT, CLAIMED)):
            found.append(f"the buyer of {order['id']} was told {told} times of the refund")
    return found


def print_verdict(outcome: Returned, console: Console) -> bool:
    """Prints the outcome. Returns whether all is well."""
    kept = list(outcome.kept.values())
    console.print(
        f"{outcome.ordered} orders: {kept.count(0)} refunded whole, "
        f"{kept.count(DEDUCTION_MINOR)} with a deduction"
    )
    for problem in outcome.problems():
        console.print(f"[bold red]wrong[/] {problem}")
    if not outcome.problems():
        console.print(
            "[green]✓[/] every return refunded and told once, each payment in its share, every "
            "exchange paid by its return, and every unit back in stock"
        )
    return not outcome.problems()
