"""Money that was paid for parts of an order, and the division of a refund over its payments."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.runtime.clock import uuid7
from checkout.after_sale.model import DeliveryRefund
from checkout.errors.after_sale import RefundExceedsCaptured
from checkout.orders.amounts import delivery_to_give_back, paid_for_steps
from checkout.orders.model import Order, OrderLine
from checkout.payments.model import Payment, PaymentStatus
from checkout.payments.split import split_refund
from checkout.taxes.calculation import TaxLine

AMOUNTS = st.integers(0, 10**7)


def a_line(*, quantity: int, total: int, tax: int = 0, cancelled: int = 0) -> OrderLine:
    return OrderLine(
        id=uuid7(), order_id=uuid7(), position=0, variant_id=uuid7(), product_id="", sku="",
        title="", options="", product_slug="", image_url="", quantity=quantity,
        unit_price_minor=0, discount_minor=0, total_minor=total, tax_minor=tax, tax_class="",
        cancelled_quantity=cancelled,
    )  # fmt: skip


def an_order(total: int, *, is_included: bool = True) -> Order:
    taxes = [TaxLine("VAT", Decimal("0.19"), 0, is_included)]
    return cast("Order", SimpleNamespace(total_minor=total, tax_lines=taxes))


def a_payment(captured: int, refunded: int = 0) -> Payment:
    return Payment(
        id=uuid7(), order_id=uuid7(), provider="simulator", method_id="card", currency="EUR",
        status=PaymentStatus.CAPTURED, amount_minor=captured, captured_minor=captured,
        refunded_minor=refunded, created_at=datetime.now(UTC),
    )  # fmt: skip


@given(
    total=AMOUNTS, tax=AMOUNTS, included=st.booleans(),
    cuts=st.lists(st.integers(0, 50), max_size=5), quantity=st.integers(50, 60),
)  # fmt: skip
def test_parts_of_a_line_sum_up_to_what_was_paid_for_it(
    total: int, tax: int, included: bool, cuts: list[int], quantity: int
) -> None:
    line = a_line(quantity=quantity, total=total, tax=tax)

    parts = [
        paid_for_steps(line, start, end, is_included=included)
        for start, end in pairwise([0, *sorted(cuts), quantity])
    ]

    assert sum(parts) == total + (0 if included else tax)
    assert all(part >= 0 for part in parts)


@pytest.mark.parametrize(
    ("rule", "cancelled", "given_minor", "expected"),
    [
        (DeliveryRefund.WHOLE_ORDER, (1, 0), 0, 0),
        (DeliveryRefund.WHOLE_ORDER, (2, 1), 0, 4_90),
        (DeliveryRefund.SHARE, (1, 0), 0, 1_63),
        (DeliveryRefund.SHARE, (2, 0), 1_63, 1_63),
        (DeliveryRefund.SHARE, (2, 1), 3_26, 1_64),
        (DeliveryRefund.WHOLE_ORDER, (2, 1), 3_26, 1_64),
        (DeliveryRefund.NEVER, (2, 1), 0, 0),
    ],
)
def test_delivery_goes_back_by_the_rule_and_once(
    rule: DeliveryRefund, cancelled: tuple[int, int], given_minor: int, expected: int
) -> None:
    lines = [
        a_line(quantity=2, total=20_00, cancelled=cancelled[0]),
        a_line(quantity=1, total=10_00, cancelled=cancelled[1]),
    ]

    due = delivery_to_give_back(an_order(34_90), lines, rule, given_minor=given_minor)

    assert due == expected


@pytest.mark.parametrize("rule", [DeliveryRefund.WHOLE_ORDER, DeliveryRefund.SHARE])
def test_goods_that_were_free_give_their_delivery_back_with_the_last(rule: DeliveryRefund) -> None:
    given: dict[str, Any] = {"quantity": 2, "total": 0}
    some, all_of_it = a_line(**given, cancelled=1), a_line(**given, cancelled=2)

    assert delivery_to_give_back(an_order(4_90), [some], rule, given_minor=0) == 0
    assert delivery_to_give_back(an_order(4_90), [all_of_it], rule, given_minor=0) == 4_90


@given(
    payments=st.lists(st.tuples(AMOUNTS, st.integers(0, 100)), min_size=1, max_size=4),
    share=st.integers(0, 100),
)
def test_a_refund_is_divided_wholly_and_no_payment_gives_more_than_is_left_of_it(
    payments: list[tuple[int, int]], share: int
) -> None:
    rows = [a_payment(captured + 1, captured * part // 100) for captured, part in payments]
    amount = sum(row.refundable_minor for row in rows) * share // 100

    parts = split_refund(rows, amount)

    assert sum(part for _, part in parts) == amount
    assert all(0 < part <= row.refundable_minor for row, part in parts)


def test_a_refund_goes_back_in_the_shares_of_the_payments() -> None:
    voucher, card, empty = a_payment(25_00), a_payment(75_00), a_payment(10_00, 10_00)

    parts = split_refund([voucher, card, empty], 10_01)

    assert parts == [(voucher, 2_50), (card, 7_51)]
    with pytest.raises(RefundExceedsCaptured):
        split_refund([voucher, card, empty], 100_01)
    assert split_refund([], 0) == []
