"""Signals of providers, and what limits and settings make of them."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.runtime.clock import uuid7
from checkout.fraud.model import (
    Finding,
    FindingKind,
    FraudAction,
    FraudLimit,
    FraudMeasure,
    FraudSignal,
    FraudSubject,
    FraudTable,
    OrderRisk,
    find_signals,
    no_settings,
)
from checkout.payments.signals import CheckResult, PaymentSignals, RiskLevel
from checkout.payments.stripe.messages import payment_of

ACCEPT, REVIEW, REFUSE = FraudAction


def an_intent(charge: Any = None, **fields: Any) -> dict[str, Any]:
    """A PaymentIntent of Stripe, with the parts that a payment is read from."""
    usual = {"id": "pi_1", "amount": 1000, "currency": "eur", "status": "requires_capture"}
    return {**usual, "metadata": {}, "latest_charge": charge, **fields}


# https://docs.stripe.com/api/charges/object
CHARGE = {
    "id": "ch_1",
    "amount_refunded": 0,
    "outcome": {
        "network_status": "approved_by_network",
        "risk_level": "elevated",
        "risk_score": 68,
    },
    "payment_method_details": {
        "type": "card",
        "card": {
            "brand": "visa",
            "checks": {
                "address_line1_check": "fail",
                "address_postal_code_check": "unavailable",
                "cvc_check": "pass",
            },
            "country": "US",
            "fingerprint": "mToisGZ01V71BCos",
        },
    },
}


def test_signals_of_stripe_are_read_from_the_charge() -> None:
    found = payment_of(an_intent(CHARGE))

    assert found.signals == PaymentSignals(
        RiskLevel.ELEVATED, 68, CheckResult.PASS, CheckResult.FAIL, CheckResult.UNAVAILABLE, "US"
    )
    assert found.card_fingerprint == "mToisGZ01V71BCos"
    assert "mToisGZ01V71BCos" not in repr(found)


@pytest.mark.parametrize(
    "charge",
    [
        None,
        "ch_1",
        {"id": "ch_1"},
        {"outcome": None, "payment_method_details": {"type": "paypal", "paypal": {}}},
        {"outcome": {"risk_level": "not_assessed", "risk_score": "x"}},
        {"outcome": {"risk_score": 1000}, "payment_method_details": {"card": {"checks": None}}},
    ],
)
def test_a_charge_that_says_nothing_has_no_signals(charge: Any) -> None:
    found = payment_of(an_intent(charge))

    assert (found.signals, found.card_fingerprint) == (None, "")


def test_the_card_of_a_declined_attempt_is_in_its_error() -> None:
    error = {"code": "card_declined", "payment_method": {"card": {"fingerprint": "fp"}}}

    found = payment_of(an_intent(status="requires_payment_method", last_payment_error=error))

    assert found.card_fingerprint == "fp"


def test_signals_speak_against_a_payment_where_they_fail() -> None:
    fail = CheckResult.FAIL
    bad = PaymentSignals(RiskLevel.HIGHEST, 90, fail, fail, fail, "BR")
    unknown = PaymentSignals(None, None, CheckResult.UNCHECKED, None, CheckResult.UNAVAILABLE)

    assert set(find_signals(bad, "DE")) == set(FraudSignal) - {FraudSignal.ELEVATED_RISK}
    assert FraudSignal.COUNTRY_MISMATCH not in set(find_signals(bad, "BR"))
    assert FraudSignal.COUNTRY_MISMATCH not in set(find_signals(bad, ""))
    assert list(find_signals(unknown, "DE")) == []


@pytest.mark.parametrize(
    ("score", "action"), [(0, ACCEPT), (49, ACCEPT), (50, REVIEW), (89, REVIEW), (90, REFUSE)]
)
def test_a_score_leads_to_the_action_of_its_threshold(score: int, action: FraudAction) -> None:
    settings = no_settings("default")
    settings.review_from_score, settings.refuse_from_score = 50, 90

    assert settings.action_of_score(score) is action
    assert no_settings("default").action_of_score(score) is ACCEPT


def test_of_several_findings_the_strictest_decides_and_each_is_there_once() -> None:
    risk = OrderRisk(order_id=uuid7(), channel_id="default")
    accepted = Finding(FindingKind.SCORE, "acme", ACCEPT, 12)
    held = Finding(FindingKind.SIGNAL, "cvc_failed", REVIEW)

    risk.add([held])
    risk.add([accepted, held])

    assert (risk.decision, risk.findings) == (REVIEW, [held, accepted])


def test_limits_are_found_by_channel_currency_and_subject() -> None:
    def a_limit(code: str, **fields: Any) -> FraudLimit:
        usual = {"measure": FraudMeasure.ORDERS, "subject": FraudSubject.EMAIL, "hours": 1}
        more = {"most": 1, "currency": "", "channel": "", "action": REFUSE, "is_enabled": True}
        return FraudLimit(**{"code": code, **usual, **more, **fields})

    table = FraudTable(
        (
            a_limit("all"),
            a_limit("web", channel="web"),
            a_limit("outlet", channel="outlet"),
            a_limit("off", is_enabled=False),
            a_limit("card", subject=FraudSubject.CARD),
            a_limit("euro", measure=FraudMeasure.AMOUNT, currency="EUR"),
            a_limit("yen", measure=FraudMeasure.AMOUNT, currency="JPY"),
        )
    )

    found = table.limits_of("web", "EUR", [FraudSubject.EMAIL])

    assert [each.code for each in found] == ["all", "web", "euro"]
    assert [each.count_with(2, 500) for each in found] == [3, 3, 502]
