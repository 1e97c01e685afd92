"""Stripe's signatures, amounts and payments, as its documentation has them."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from chassis.money import Money
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import real_now
from checkout.errors.payments import ProviderRefused
from checkout.payments.model import PaymentStatus
from checkout.payments.stripe.messages import from_stripe, payment_of, to_stripe
from checkout.payments.stripe.webhooks import verify

SECRETS = (b"whsec_new", b"whsec_old")
ORDER = "0190a6e2-0000-7000-8000-000000000001"


def an_intent(**given: Any) -> dict[str, Any]:
    usual = {
        "id": "pi_3MtwBwLkdIwHu7ix28a3tqPa", "object": "payment_intent", "amount": 2000,
        "amount_capturable": 2000, "amount_received": 0, "capture_method": "manual",
        "created": 1680800504, "currency": "eur", "last_payment_error": None,
        "latest_charge": "ch_3MtwBwLkdIwHu7ix2", "livemode": False,
        "metadata": {"key": f"{ORDER}:authorize", "reference": ORDER}, "next_action": None,
        "status": "requires_capture",
    }  # fmt: skip
    return {**usual, **given}


def an_event(kind: str, subject: dict[str, Any]) -> bytes:
    event = {
        "id": "evt_1NG8Du2eZvKYlo2CUI79vXWy", "object": "event", "api_version": "2024-06-20",
        "created": 1686089970, "data": {"object": subject}, "livemode": False,
        "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None}, "type": kind,
    }  # fmt: skip
    return json.dumps(event, indent=2).encode()


def signed(body: bytes, secret: bytes = SECRETS[0], age: int = 0) -> str:
    at = int(real_now().timestamp()) - age
    digest = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={'0' * 64},v1={digest},v0={'0' * 64}"


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("payment_intent.amount_capturable_updated", "payment.authorized"),
        ("payment_intent.succeeded", "payment.captured"),
        ("payment_intent.payment_failed", "payment_intent.payment_failed"),
        ("charge.refunded", "charge.refunded"),
    ],
)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_webhook_that_stripe_signed_is_a_hint_about_its_order(
    kind: str, type_: str, secret: bytes
) -> None:
    body = an_event(kind, an_intent())

    event = verify(body, signed(body, secret), SECRETS)

    assert (event.id, event.type, event.reference) == (
        "evt_1NG8Du2eZvKYlo2CUI79vXWy", type_, ORDER,
    )  # fmt: skip


def test_an_event_about_no_order_has_no_reference() -> None:
    body = an_event("payout.paid", {"id": "po_1", "object": "payout", "metadata": None})

    assert verify(body, signed(body), SECRETS).reference == ""


@pytest.mark.parametrize(
    "signature",
    [
        "", "t=1", "v1=00", "t=x,v1=00", "t=1,t=2,v1=00", "nonsense", f"t={'9' * 20},v1=00",
        "t=1,v1=\u0661", "t=\u0661,v1=00",
    ],
)  # fmt: skip
def test_a_header_that_is_none_is_refused(signature: str) -> None:
    with pytest.raises(DomainError) as refused:
        verify(b"{}", signature, SECRETS)

    assert refused.value.reason == "WRONG_SIGNATURE"


@pytest.mark.parametrize("flaw", ["secret", "body", "past", "future"])
def test_a_webhook_with_a_wrong_or_old_signature_is_refused(flaw: str) -> None:
    body = an_event("payment_intent.succeeded", an_intent())
    secret = b"whsec_other" if flaw == "secret" else SECRETS[0]
    age = {"past": 301, "future": -305}.get(flaw, 0)

    with pytest.raises(DomainError) as refused:
        verify(body + b" " * (flaw == "body"), signed(body, secret, age), SECRETS)

    assert refused.value.reason == "WRONG_SIGNATURE"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "MALFORMED_WEBHOOK"),
        (b"[]", "MALFORMED_WEBHOOK"),
        (b'{"id": "e", "type": "t", "data": {"object": []}}', "MALFORMED_WEBHOOK"),
        (b"[" * 100_000, "MALFORMED_WEBHOOK"),
        (b'{"id": "\\ud800", "type": "t", "data": {"object": {}}}', "INVALID_TEXT"),
    ],
)
def test_a_signed_body_that_is_no_event_of_stripe_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(DomainError) as refused:
        verify(body, signed(body), SECRETS)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        (Money(12_34, "EUR"), 1234),
        (Money(500, "JPY"), 500),
        (Money(500, "ISK"), 50_000),
        (Money(5, "UGX"), 500),
        (Money(12_00, "MGA"), 12),
        (Money(12_340, "KWD"), 12_340),
    ],
)
def test_an_amount_goes_to_stripe_and_back(amount: Money, minor: int) -> None:
    assert to_stripe(amount) == minor
    assert from_stripe(minor, amount.currency) == amount.amount_minor


@pytest.mark.parametrize("amount", [Money(12_34, "MGA"), Money(12_345, "KWD")])
def test_an_amount_that_stripe_cannot_take_is_refused(amount: Money) -> None:
    with pytest.raises(ProviderRefused):
        to_stripe(amount)


FAILED = {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}
REDIRECT = {"type": "redirect_to_url", "redirect_to_url": {"url": "https://hooks.stripe.com/3ds"}}


HELD = {"latest_charge": {"amount_refunded": 2000}}
ABOUT_TO_ASK = {"status": "requires_action", "next_action": REDIRECT}


def taken(amount: int, given_back: int = 0) -> dict[str, Any]:
    charge = {"amount_refunded": given_back}
    return {"status": "succeeded", "amount_received": amount, "latest_charge": charge}


def failed(status: str) -> dict[str, Any]:
    return {"status": status, "last_payment_error": FAILED}


@pytest.mark.parametrize(
    ("given", "status", "captured", "refunded"),
    [
        ({}, PaymentStatus.AUTHORIZED, 0, 0),
        ({"status": "processing"}, PaymentStatus.PENDING, 0, 0),
        ({"status": "canceled"}, PaymentStatus.VOIDED, 0, 0),
        (failed("canceled"), PaymentStatus.DECLINED, 0, 0),
        (failed("requires_payment_method"), PaymentStatus.DECLINED, 0, 0),
        (ABOUT_TO_ASK, PaymentStatus.REQUIRES_ACTION, 0, 0),
        (taken(2000), PaymentStatus.CAPTURED, 2000, 0),
        (taken(1500, 500), PaymentStatus.PARTIALLY_REFUNDED, 1500, 500),
        (taken(2000, 2000), PaymentStatus.REFUNDED, 2000, 2000),
        # What is given up of a hold is no refund.
        ({"status": "canceled", **HELD}, PaymentStatus.VOIDED, 0, 0),
    ],
)
def test_a_payment_intent_is_a_payment_of_its_order(
    given: dict[str, Any], status: PaymentStatus, captured: int, refunded: int
) -> None:
    found = payment_of(an_intent(**given))

    assert (found.status, found.captured_minor, found.refunded_minor) == (
        status, captured, refunded,
    )  # fmt: skip
    assert (found.reference, found.currency, found.amount_minor) == (ORDER, "EUR", 2000)
    assert found.action_url == ("https://hooks.stripe.com/3ds" if "next_action" in given else "")
    assert found.decline_code == ("insufficient_funds" if "last_payment_error" in given else "")
