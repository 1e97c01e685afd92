"""Credit limits: what a request may hold, and to whom invoices are offered."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import eur
from checkout.credit_limits.model import Credit
from checkout.credit_limits.wire import limit_from_proto, limit_to_proto
from checkout.errors.payments import InvalidCreditLimit
from checkout.payment_methods.model import PaymentMethod
from checkout.payment_methods.offers import PaymentOffers
from checkout.payments.offline import Offline
from sojourn.checkout.v1 import credit_limits_pb2 as pb

INVOICE = next(each for each in Offline.methods if each.id == "invoice")
ROW = PaymentMethod(
    code="invoice", provider="offline", provider_method="invoice", titles={}, descriptions={},
    channels=[], countries=[], currencies=[], customer_groups=[], amount_from_minor=0,
    amount_to_minor=0, position=0, is_preferred=False, is_enabled=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("credit", "is_offered"),
    [
        (None, False),
        (Credit("ada", "EUR", 10_00, 30), True),
        (Credit("ada", "EUR", 9_99, 30), False),
        (Credit("ada", "USD", 10_00, 30), False),
    ],
)
def test_an_invoice_is_offered_to_who_has_enough_credit(
    credit: Credit | None, is_offered: bool
) -> None:
    offers = PaymentOffers(((ROW, INVOICE),), credit=credit)

    found = offers.offer(
        channel="web", country="DE", currency="EUR", amount_minor=10_00, locale="en"
    )

    assert offers.has_invoices
    assert [(each.code, each.credit) for each in found] == [("invoice", credit)] * is_offered


def test_a_limit_goes_through_its_message() -> None:
    message = pb.CreditLimit(
        code="ada", customer_id=str(uuid7()), limit=eur(50_00), payment_days=30, active=False
    )

    shown = limit_to_proto(limit_from_proto(message), 10_00)

    message.outstanding.CopyFrom(eur(10_00))
    message.version = 1
    assert shown == message


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"customer_id": ""}, "credit_limit.customer_id"),
        ({"organization_id": str(uuid7())}, "credit_limit.customer_id"),
        ({"limit": eur(0)}, "credit_limit.limit"),
        ({"code": ""}, "credit_limit.code"),
    ],
)
def test_a_limit_is_one_buyer_s_and_positive(fields: dict[str, Any], path: str) -> None:
    usual = {"code": "ada", "customer_id": str(uuid7()), "limit": eur(50_00)}

    with pytest.raises(InvalidCreditLimit) as caught:
        limit_from_proto(pb.CreditLimit(**{**usual, **fields}))

    assert caught.value.metadata["path"] == path
