"""Journals: entries balance, equal the money that moved, and undo a sale to the cent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.line_item import ItemKind
from chassis.runtime.clock import uuid7
from checkout.errors.orders import InvalidJournalAccounts, InvalidOrderSearch
from checkout.gift_cards.model import EntryKind, GiftCard, GiftCardEntry, GiftCardSource
from checkout.order_exports.csv_rows import csv_of, entry_rows
from checkout.order_exports.journal import Entry, OrderBooks, gift_card_entries
from checkout.order_exports.model import (
    ExportKind,
    ExportOptions,
    JournalAccounts,
    require_accounts,
)
from checkout.orders.model import Actor, Order, OrderEvent, OrderLine, OrderStatus
from checkout.orders.view import OrderView
from checkout.payments.model import OrderReason, Payment, Settlement
from checkout.payments.refunds import Refund, RefundStatus
from checkout.taxes.calculation import TaxLine

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
USUAL = JournalAccounts(channel="de", accounts={})


def a_line(total: int, tax: int, *, discount: int = 0, **fields: Any) -> OrderLine:
    return OrderLine.model_construct(
        id=uuid7(), total_minor=total, tax_minor=tax, discount_minor=discount,
        **{"tax_class": "standard", "kind": ItemKind.PHYSICAL, **fields},
    )  # fmt: skip


def a_payment(order_id: UUID, amount: int, captured: int, **fields: Any) -> Payment:
    return Payment(
        id=uuid7(), order_id=order_id, provider="simulator", currency="EUR", amount_minor=amount,
        captured_minor=captured, created_at=NOON, **{"method_id": "card", **fields},
    )  # fmt: skip


def a_refund(payment: Payment, amount: int, minutes: int) -> Refund:
    return Refund(
        id=uuid7(), order_id=payment.order_id, payment_id=payment.id, caller="",
        idempotency_key="", fingerprint=b"", currency="EUR", amount_minor=amount,
        reason=OrderReason.OTHER, status=RefundStatus.DONE, created_at=NOON,
        refunded_at=NOON + timedelta(minutes=minutes),
    )  # fmt: skip


def an_order(
    lines: Sequence[OrderLine], delivery: int, taxes: Sequence[int], *, included: bool
) -> OrderView:
    """Returns a placed order without payments; the taxes are its tax lines."""
    rates = [Decimal("0.19"), Decimal("0.07")]
    tax_lines = [
        TaxLine("VAT", rate, amount, included)
        for rate, amount in zip(rates, taxes, strict=False)
    ]  # fmt: skip
    total = sum(line.total_minor for line in lines) + delivery
    total += 0 if included else sum(taxes)
    order = Order.model_construct(
        id=uuid7(), number="S-1", channel_id="de", currency="EUR", total_minor=total,
        placed_at=NOON, tax_lines=tax_lines,
    )  # fmt: skip
    return OrderView(order, list(lines))


def sums(entries: Sequence[Entry]) -> dict[str, int]:
    """Returns the balances of the accounts, without those of 0."""
    found: Counter[str] = Counter()
    for entry in entries:
        assert sum(each.amount_minor for each in entry.postings) == 0
        for each in entry.postings:
            found[each.account] += each.amount_minor
    return {account: amount for account, amount in found.items() if amount}


def all_of(books: OrderBooks) -> list[Entry]:
    return [
        *books.sale(), *books.captures(later=False), *books.captures(later=True),
        *books.reversals(),
    ]  # fmt: skip


def test_a_sale_parts_revenue_taxes_and_delivery() -> None:
    view = an_order([a_line(119_00, 19_00), a_line(10_70, 70, tax_class="reduced")], 5_95,
                    [19_95, 70], included=True)  # fmt: skip
    view.payments.append(a_payment(view.order.id, 135_65, 135_65))

    assert sums(all_of(OrderBooks(view, USUAL))) == {
        "clearing:card": 135_65, "revenue:standard": -100_00, "revenue:reduced": -10_00,
        "tax:S": -20_65, "revenue:delivery": -5_00,
    }  # fmt: skip


def test_accounts_are_those_of_the_merchant_and_discounts_have_one_where_it_is_set() -> None:
    accounts = {"clearing": "1360", "clearing:card": "1361", "revenue": "8400",
                "revenue:delivery": "8401", "tax:S": "1776", "discounts": "8700"}  # fmt: skip
    view = an_order([a_line(90_00, 0, discount=-10_00)], 5_00, [19_00], included=False)
    view.payments.append(a_payment(view.order.id, 114_00, 114_00))

    assert sums(all_of(OrderBooks(view, JournalAccounts(channel="de", accounts=accounts)))) == {
        "1361": 114_00, "8400": -100_00, "8700": 10_00, "1776": -19_00, "8401": -5_00,
    }  # fmt: skip


def test_a_payment_that_comes_later_is_owed_until_then() -> None:
    view = an_order([a_line(50_00, 0)], 0, [], included=True)
    later = a_payment(view.order.id, 50_00, 0, method_id="bank", settlement=Settlement.TRANSFER)
    view.payments.append(later)
    owed = sums(all_of(OrderBooks(view, USUAL)))
    later.captured_minor, later.captured_at = 50_00, NOON + timedelta(days=3)
    books = OrderBooks(view, USUAL)

    assert owed == {"receivable": 50_00, "revenue:standard": -50_00}
    assert sums(all_of(books)) == {"clearing:bank": 50_00, "revenue:standard": -50_00}
    assert [each.at for each in books.captures(later=True)] == [later.captured_at]
    assert books.captures(later=False) == []


def test_an_order_that_is_cancelled_unpaid_leaves_nothing() -> None:
    view = an_order([a_line(50_00, 7_98)], 4_90, [8_76], included=True)
    view.history.append(
        OrderEvent(
            id=uuid7(),
            order_id=view.order.id,
            status=OrderStatus.CANCELLING,
            at=NOON,
            actor=Actor.SYSTEM,
            trace_id="",
        )
    )

    assert sums(all_of(OrderBooks(view, USUAL))) == {}


amounts = st.integers(0, 300_00)


@given(
    lines=st.lists(st.tuples(amounts, st.integers(0, 25), amounts), min_size=1, max_size=4),
    delivery=st.integers(0, 20_00),
    included=st.booleans(),
    card_share=st.integers(0, 100),
    cuts=st.lists(st.integers(1, 80_00), max_size=6),
)
def test_whatever_is_refunded_the_journal_equals_the_ledger_and_a_full_refund_undoes_all(
    lines: list[tuple[int, int, int]],
    delivery: int,
    included: bool,
    card_share: int,
    cuts: list[int],
) -> None:
    made = [a_line(total, total * rate // 100, discount=-off) for total, rate, off in lines]
    taxes = sum(line.tax_minor for line in made) + (delivery // 6 if included else 0)
    view = an_order(made, delivery, [taxes], included=included)
    total = view.order.total_minor
    by_card = total * card_share // 100
    payments = [
        a_payment(view.order.id, by_card or 1, by_card),
        a_payment(view.order.id, total or 1, total - by_card, gift_card_id=uuid7()),
    ]
    view.payments.extend(payments)
    books = OrderBooks(view, USUAL)
    for number, cut in enumerate([*cuts, total]):
        for payment in payments:
            part = min(cut, payment.captured_minor - payment.refunded_minor)
            if part:
                payment.refunded_minor += part
                view.refunds.append(a_refund(payment, part, number))
        found = sums(all_of(books))

        assert found.get("clearing:card", 0) == (
            payments[0].captured_minor - payments[0].refunded_minor
        )
        assert found.get("gift_cards", 0) == (
            payments[1].captured_minor - payments[1].refunded_minor
        )
        assert "receivable" not in found

    assert sums(all_of(books)) == {}


@pytest.mark.parametrize(
    ("source", "kind", "amount", "other"),
    [
        (GiftCardSource.SOLD, EntryKind.ISSUE, 50_00, "gift_cards_sold"),
        (GiftCardSource.SOLD, EntryKind.REVOCATION, -50_00, "gift_cards_sold"),
        (GiftCardSource.ISSUED, EntryKind.ISSUE, 25_00, "gift_card_expense"),
        (GiftCardSource.SOLD, EntryKind.ADJUSTMENT, -5_00, "gift_card_expense"),
    ],
)
def test_what_is_on_gift_cards_is_owed(
    source: GiftCardSource, kind: EntryKind, amount: int, other: str
) -> None:
    card = GiftCard.model_construct(source=source, order_id=None, channel="de", currency="EUR")
    entry = GiftCardEntry.model_construct(id=uuid7(), kind=kind, amount_minor=amount, at=NOON)

    assert sums(gift_card_entries(card, entry, USUAL, "")) == {
        "gift_cards": -amount, other: amount,
    }  # fmt: skip


def test_rows_have_debits_and_credits_as_decimals_and_no_formula() -> None:
    view = an_order([a_line(1_00, 0)], 0, [], included=True)
    rows = [row for entry in OrderBooks(view, USUAL).sale() for row in entry_rows(entry)]

    assert [row[-3:] for row in rows] == [
        ["receivable", "1.00", ""], ["revenue:standard", "", "1.00"],
    ]  # fmt: skip
    assert csv_of([["=1+1", "-5.00", "@x", "+49", "a,b"]]) == b"'=1+1,-5.00,'@x,'+49,\"a,b\"\r\n"


@pytest.mark.parametrize("accounts", [{"profit": "1"}, {"tax:": "1"}, {"tax": ""}, {"tax": "\n"}])
def test_roles_that_are_none_and_empty_accounts_are_refused(accounts: dict[str, str]) -> None:
    with pytest.raises(InvalidJournalAccounts):
        require_accounts(accounts)


def test_a_journal_is_of_all_orders_of_a_time() -> None:
    with pytest.raises(InvalidOrderSearch):
        ExportOptions(kind=ExportKind.ORDERS, since=NOON, until=NOON).require_valid()
    with pytest.raises(InvalidOrderSearch):
        ExportOptions(
            kind=ExportKind.JOURNAL, since=NOON, until=NOON + timedelta(1), tag="x"
        ).require_valid()
