"""Orders that staff place for buyers, and what is paid at the till."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7
from checkout.contact_points import ContactPoint, contact_of, is_at_till
from checkout.payment_methods.model import PaymentMethod
from checkout.payment_methods.offers import PaymentMethodTable, PaymentOffers
from checkout.payments.model import Payment, PaymentStatus, Settlement
from checkout.payments.offline import Offline
from checkout.payments.provider import Providers

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def a_caller(via: str = "") -> Caller:
    return Caller(uuid7(), "customer", acted_by=uuid7() if via else None, acted_via=via)


def a_method(provider_method: str) -> PaymentMethod:
    return PaymentMethod(
        code=provider_method,
        provider="offline",
        provider_method=provider_method,
        titles={},
        descriptions={},
        channels=[],
        countries=[],
        currencies=[],
        customer_groups=[],
        amount_from_minor=0,
        amount_to_minor=0,
        position=0,
        is_preferred=False,
        is_enabled=True,
    )


def offers_to(caller: Caller) -> PaymentOffers:
    rows = [a_method(code) for code in ("bank_transfer", "till_card", "till_cash")]
    return PaymentMethodTable(rows).offers(
        Providers(Offline(), None), is_synthetic=False, at_till=is_at_till(caller)
    )


def test_a_buyer_who_acts_alone_has_no_contact_point() -> None:
    caller = a_caller()

    assert contact_of(caller) == (None, None)


def test_staff_on_the_phone_are_named_with_their_contact_point() -> None:
    caller = a_caller("call_center")

    assert contact_of(caller) == (caller.acted_by, ContactPoint.CALL_CENTER)


@pytest.mark.parametrize(
    ("via", "codes"),
    [
        ("", ["bank_transfer"]),
        ("call_center", ["bank_transfer"]),
        ("pos", ["bank_transfer", "till_card", "till_cash"]),
    ],
)
def test_methods_of_the_till_are_offered_at_the_till_alone(via: str, codes: list[str]) -> None:
    offered = offers_to(a_caller(via)).offer(
        channel="default", country="DE", currency="EUR", amount_minor=10_00, locale="en"
    )

    assert [method.code for method in offered] == codes


def test_what_is_paid_at_the_till_is_captured_under_the_terminals_reference() -> None:
    payment = Payment(
        id=uuid7(),
        order_id=uuid7(),
        provider="offline",
        method_id="till_card",
        currency="EUR",
        amount_minor=10_00,
        token="T1-4711",
        settlement=Settlement.TILL,
        created_at=NOW,
    )

    payment.pay_at_till(NOW)

    assert payment.status is PaymentStatus.CAPTURED
    assert (payment.captured_minor, payment.captured_at) == (10_00, NOW)
    assert payment.provider_payment_id == "T1-4711"
    assert not payment.is_awaited
