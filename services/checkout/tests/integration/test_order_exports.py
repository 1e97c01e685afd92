"""Exports of orders: CSV part by part, and a journal that equals the ledger."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.runtime.clock import uuid7
from chassis.testing import eur
from checkout.order_exports.model import ExportKind, ExportOptions
from checkout.order_exports.parts import Place, export_part
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import order_exports_pb2 as pb

JOURNAL = pb.ORDER_EXPORT_KIND_JOURNAL


async def export(world: World, kind: pb.OrderExportKind.ValueType, **more: Any) -> list[Any]:
    """Returns the rows of an export of the day before and after now."""
    since, until = Timestamp(), Timestamp()
    since.FromDatetime(world.clock.now() - timedelta(days=1))
    until.FromDatetime(world.clock.now() + timedelta(days=1))
    request = pb.ExportOrdersRequest(kind=kind, since=since, until=until, **more)
    content = b""
    while True:
        token = world.tokens.staff("orders.read")
        part = await world.ask(world.exports.ExportOrders, request, token)
        content += part.content
        if not part.next_page_token:
            return list(csv.DictReader(io.StringIO(content.decode())))
        request.page_token = part.next_page_token


def balances(rows: list[Any]) -> dict[str, int]:
    """Returns what accounts have in minor units; entries balance."""
    accounts: Counter[str] = Counter()
    entries: Counter[str] = Counter()
    for row in rows:
        amount = int((Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0)) * 100)
        accounts[row["account"]] += amount
        entries[row["entry"]] += amount
    assert set(entries.values()) <= {0}
    return {account: amount for account, amount in accounts.items() if amount}


async def test_orders_and_lines_are_rows_without_formulas(world: World, refusal_of: Any) -> None:
    _, order = await world.buy(sku="MUG-S", title="=cmd()", quantity=2)
    await world.buy(synthetic=True)

    [row] = await export(world, pb.ORDER_EXPORT_KIND_ORDERS)
    [line] = await export(world, pb.ORDER_EXPORT_KIND_LINES)
    none = await export(world, pb.ORDER_EXPORT_KIND_ORDERS, channel="nowhere")
    audited = await world.scalar("SELECT count(*) FROM audit WHERE action = 'order.export'")

    assert (row["number"], row["total"], row["captured"], row["email"], row["country"]) == (
        order.number, "54.90", "54.90", "ada@example.org", "DE",
    )  # fmt: skip
    assert (line["sku"], line["title"], line["quantity"], line["unit_price"], line["total"]) == (
        "MUG-S", "'=cmd()", "2", "25.00", "50.00",
    )  # fmt: skip
    assert (none, audited) == ([], 3)
    assert await refusal_of(export(world, JOURNAL, tag="x")) == "INVALID_ORDER_SEARCH"
    bad = export(world, JOURNAL, page_token="bm90aGluZw")
    assert await refusal_of(bad) == "INVALID_PAGE_TOKEN"


async def test_the_journal_has_what_was_taken_and_given_back(world: World) -> None:
    card = await world.issue_card(20_00)
    owner_id = uuid7()
    checkout = await world.apply_card(await world.ready(owner_id), owner_id, card.code)
    paid = await world.complete(checkout, owner_id)
    _, cancelled = await world.buy()
    staff = world.tokens.staff("orders.write")
    cancel = checkout_pb2.CancelOrderRequest(
        order_id=cancelled.id, reason=checkout_pb2.ORDER_REASON_OTHER
    )
    await world.ask(world.orders.CancelOrder, cancel, staff)
    refund = checkout_pb2.RefundOrderRequest(
        order_id=paid.id, amount=eur(10_01), reason=checkout_pb2.ORDER_REASON_OTHER
    )
    await world.ask(world.orders.RefundOrder, refund, staff, key=str(uuid7()))

    found = balances(await export(world, JOURNAL))

    sums = await world.provider.sums(paid.id)
    left = (await world.card(card.gift_card.id)).balance.amount_minor
    assert found["clearing:card"] == sums["net_captured_minor"]
    assert found["gift_cards"] == -left
    assert found["gift_card_expense"] == 20_00
    assert "receivable" not in found
    assert sum(found.values()) == 0


async def test_parts_of_any_size_are_the_same_journal(world: World) -> None:
    for _ in range(3):
        await world.buy()
    now = world.clock.now()
    options = ExportOptions(
        kind=ExportKind.JOURNAL, since=now - timedelta(days=1), until=now + timedelta(days=1)
    )

    files = []
    for most in (1, 2, 200):
        place: Place | None = Place(0, None)
        content, is_first = b"", True
        while place:
            async with world.database.read() as read:
                part = await export_part(read, options, place, is_first=is_first, most=most)
            content, place, is_first = content + part.content, part.next, False
        files.append(content)

    assert files[0] == files[1] == files[2]
    assert files[0].count(b"\r\nsale:") + files[0].count(b"\r\ncapture:") > 6


async def test_accounts_are_kept_by_channel(world: World, refusal_of: Any) -> None:
    async def put(accounts: dict[str, str], version: int = 0) -> pb.JournalAccounts:
        request = pb.PutJournalAccountsRequest(
            accounts=pb.JournalAccounts(channel="default", accounts=accounts),
            expected_version=version,
        )
        token = world.tokens.staff("orders.write")
        return await world.ask(world.exports.PutJournalAccounts, request, token, key=str(uuid7()))

    kept = await put({"revenue": "8400", "clearing:card": "1361"})
    _, order = await world.buy()
    found = balances(await export(world, JOURNAL))

    assert kept.version == 1
    assert found["1361"] == 29_90
    assert {"8400", "1361"} <= set(found)
    assert await refusal_of(put({"profit": "1"})) == "INVALID_JOURNAL_ACCOUNTS"
    assert await refusal_of(put({"tax": "1"}, version=7)) == "VERSION_MISMATCH"
    assert order.channel == "default"
