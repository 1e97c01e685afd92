"""State machines: what is in TRANSITIONS happens, and nothing else."""

from datetime import UTC, datetime

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from checkout.checkouts import model as checkouts
from checkout.checkouts.model import Checkout, CheckoutStatus
from checkout.orders import model as orders
from checkout.orders.model import Order, OrderStatus
from checkout.payments import model as payments
from checkout.payments.model import Payment, PaymentStatus
from checkout.payments.vaults import tokens

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)


def an_order_row(**changes):
    values = {
        "id": uuid7(),
        "number": "S-1",
        "owner_id": uuid7(),
        "channel_id": "default",
        "checkout_id": uuid7(),
        "cart_id": uuid7(),
        "cart_version": 1,
        "currency": "EUR",
        "locale": "de",
        "email": "ada@example.org",
        "delivery_address": {"last_name": "Lovelace"},
        "delivery_option": {},
        "totals": [],
        "tax_lines": [],
        "promotion_codes": [],
        "total_minor": 1,
        "created_at": NOW,
        "expires_at": NOW,
    }
    return Order(**{**values, **changes})


def a_checkout_row(**changes):
    values = {
        "id": uuid7(),
        "owner_id": uuid7(),
        "owner_kind": "guest",
        "channel_id": "default",
        "cart_id": uuid7(),
        "currency": "EUR",
        "locale": "de",
        "created_at": NOW,
        "expires_at": NOW,
    }
    return Checkout(**{**values, **changes})


def a_payment_row(**changes):
    values = {
        "id": uuid7(),
        "order_id": uuid7(),
        "provider": "simulator",
        "method_id": "card",
        "currency": "EUR",
        "amount_minor": 100,
        "created_at": NOW,
    }
    return Payment(**{**values, **changes})


@pytest.mark.parametrize(
    ("make", "statuses", "transitions"),
    [
        (an_order_row, OrderStatus, orders.TRANSITIONS),
        (a_checkout_row, CheckoutStatus, checkouts.TRANSITIONS),
        (a_payment_row, PaymentStatus, payments.TRANSITIONS),
    ],
)
def test_only_the_transitions_of_the_map_are_made(make, statuses, transitions):
    assert set(transitions) == set(statuses)
    for status in statuses:
        for wanted in statuses:
            row = make(status=status)
            if wanted in transitions[status]:
                row.become(wanted)
                assert row.status is wanted
            else:
                with pytest.raises(DomainError, match=r"is|status"):
                    row.become(wanted)


def test_an_order_that_is_over_stays_over():
    for status in (OrderStatus.REFUSED, OrderStatus.CANCELLED, OrderStatus.DELIVERED):
        assert not orders.TRANSITIONS[status]


def test_rows_show_nothing_personal_when_printed():
    printed = (
        repr(an_order_row())
        + repr(a_checkout_row(email="ada@example.org", payment_token="tok_1"))
        + repr(a_payment_row(token="tok_1"))
    )

    assert "ada@" not in printed
    assert "Lovelace" not in printed
    assert "tok_1" not in printed


def test_a_payment_follows_the_provider_through_the_capture():
    payment = a_payment_row()

    payment.apply_provider_status(PaymentStatus.REFUNDED, captured_minor=100, refunded_minor=100)

    assert (payment.status, payment.refundable_minor) == (PaymentStatus.REFUNDED, 0)


def test_a_pending_refund_lowers_what_can_be_refunded():
    payment = a_payment_row(status=PaymentStatus.CAPTURED, captured_minor=100)
    payment.start_refund(60)

    with pytest.raises(DomainError, match="refund exceeds"):
        payment.start_refund(41)
    payment.complete_refund(60)
    assert payment.status is PaymentStatus.PARTIALLY_REFUNDED
    payment.start_refund(40)
    payment.complete_refund(40)
    assert payment.status is PaymentStatus.REFUNDED


@pytest.mark.parametrize(
    "token",
    [
        "4242424242424242",
        "tok_4242-4242-4242-4242",
        "378282246310005",
        "4242 4242 4242 4242",
        "424242424241",
    ],
)
def test_card_numbers_are_refused(token):
    with pytest.raises(DomainError) as caught:
        tokens.accept_token(token)

    assert caught.value.reason == "CARD_DATA_REFUSED"
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    "token", ["pm_card_ok", "tok_1NqL2eZvKYlo2CI8", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "abc"]
)
def test_opaque_tokens_are_accepted(token):
    assert tokens.accept_token(token) == token


@pytest.mark.parametrize("token", ["", "ab", "a" * 201, "tok 1", "tok;1", "tök_1"])
def test_malformed_tokens_are_refused(token):
    with pytest.raises(DomainError) as caught:
        tokens.accept_token(token)

    assert caught.value.reason == "INVALID_PAYMENT_TOKEN"
