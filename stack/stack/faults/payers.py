"""Shoppers who pay by card, by a gift card beside a card, or by bank transfer."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from stack.shoppers.shopper import Api, total_of

CARD: Final = "card"
TRANSFER: Final = "bank-transfer"
_METHODS: Final = {
    CARD: {"provider": "simulator", "provider_method": "card", "preferred": True},
    TRANSFER: {"provider": "offline", "provider_method": "bank_transfer"},
}
# Less than the goods cost, so that a card pays the rest.
GIFT_CARD_MINOR: Final = 1_000
_PATIENCE_SECONDS: Final = 20.0
# Every replica of gateway and checkout answers once in so many calls.
_CALLS_TO_ALL: Final = 8


@dataclass(frozen=True)
class Payer:
    """A way to pay: a method, and a gift card beside it if there is one."""

    method: str
    gift_card_id: str = ""
    gift_card_code: str = ""


async def payers(staff: Api, variant_id: str, count: int) -> list[Payer]:
    """Sets the methods up and issues the gift cards. Returns payers of three kinds in turn."""
    for code, method in _METHODS.items():
        await staff.call("PUT", f"/v1/staff/payment-methods/{code}", method)
    await _offered(staff, variant_id)
    found = []
    for number in range(count):
        if number % 3 == 0:
            found.append(Payer(CARD))
        elif number % 3 == 1:
            body = {"amount": {"amount_minor": GIFT_CARD_MINOR, "currency": "EUR"}}
            issued = (await staff.call("POST", "/v1/staff/gift-cards", body)).body
            found.append(Payer(CARD, issued["gift_card"]["id"], issued["code"]))
        else:
            found.append(Payer(TRANSFER))
    return found


async def _offered(staff: Api, variant_id: str) -> None:
    """Waits until every replica offers the methods. Raises TimeoutError."""
    async with Api(staff.urls, patience_seconds=_PATIENCE_SECONDS) as shopper:
        await shopper.become_guest()
        cart = await shopper.start_cart((variant_id, 1))
        checkout = await shopper.start_checkout(cart["id"])
        deadline, in_a_row = time.monotonic() + _PATIENCE_SECONDS, 0
        while in_a_row < _CALLS_TO_ALL:
            if time.monotonic() > deadline:
                raise TimeoutError("the payment methods are not offered by all replicas")
            shown = (await shopper.call("GET", f"/v1/checkouts/{checkout['id']}")).body
            offered = {method["id"] for method in shown["payment_methods"]}
            in_a_row = in_a_row + 1 if _METHODS.keys() <= offered else 0
            await asyncio.sleep(0.05)


async def ready_to_pay(shopper: Api, variant_id: str, payer: Payer) -> dict[str, Any]:
    """Returns a checkout of one unit that is ready to be completed by the payer."""
    cart = await shopper.start_cart((variant_id, 1))
    checkout = await shopper.start_checkout(
        cart["id"], email=f"{uuid.uuid4().hex}@example.com", method=payer.method
    )
    if payer.gift_card_code:
        path = f"/v1/checkouts/{checkout['id']}/gift-cards"
        checkout = dict((await shopper.call("POST", path, {"code": payer.gift_card_code})).body)
    return checkout


async def transfer_money(staff: Api, orders: Sequence[dict[str, Any]]) -> None:
    """Imports the statement with the transfers of the orders, twice under different keys."""
    lines = [
        {"id": f"chaos-{payment['id']}", "amount": payment["amount"], "text": payment["reference"]}
        for order in orders
        for payment in order["payments"]
        if payment["provider"] == "offline"
    ]
    for _ in range(2):
        await staff.call("POST", "/v1/staff/bank-transfers/import", {"lines": lines})


def paid_by(order: dict[str, Any], provider: str) -> int:
    """Returns what an order's payments of a provider are to bring, less refunds, in minor units.

    What pays a replacement stays with the provider.
    """
    mine = {each["id"]: each for each in order["payments"] if each["provider"] == provider}
    kept: int = sum(
        refund["amount"]["amount_minor"]
        for refund in order["refunds"]
        if refund["payment_id"] in mine and refund["destination"] == "replacement"
    )
    left: int = sum(
        payment["amount"]["amount_minor"] - payment["refunded"]["amount_minor"]
        for payment in mine.values()
    )
    return left + kept


def way_of(order: dict[str, Any]) -> str:
    """Returns how an order is paid, as people say it."""
    providers = {payment["provider"] for payment in order["payments"]}
    if "offline" in providers:
        return "bank transfer"
    return "gift card and card" if "gift_card" in providers else "card"


def unpaid_orders(orders: Sequence[dict[str, Any]]) -> list[str]:
    """Returns the ids of orders whose payments do not add up to their totals."""
    return [
        order["id"]
        for order in orders
        if sum(payment["amount"]["amount_minor"] for payment in order["payments"])
        != total_of(order)
    ]


async def wrong_gift_cards(
    staff: Api, payers: Sequence[Payer], orders: Sequence[dict[str, Any]]
) -> list[str]:
    """Returns how the gift cards differ from what the orders took of them, in sentences."""
    issued = balance = reserved = 0
    for payer in payers:
        if payer.gift_card_id:
            path = f"/v1/staff/gift-cards/{payer.gift_card_id}"
            card = (await staff.call("GET", path)).body
            issued += GIFT_CARD_MINOR
            balance += card["balance"]["amount_minor"]
            reserved += card["reserved"]["amount_minor"]
    taken = sum(paid_by(order, "gift_card") for order in orders)
    found = []
    if issued - balance != taken:
        found.append(f"gift cards gave {issued - balance} for orders that took {taken}")
    if reserved:
        found.append(f"{reserved} of the gift cards are still reserved")
    return found
