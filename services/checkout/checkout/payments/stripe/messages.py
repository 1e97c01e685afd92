"""Stripe's objects as values, and amounts in Stripe's minor units."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from chassis.money import Money, exponent
from checkout.errors.payments import ProviderRefused
from checkout.payments.model import PaymentStatus
from checkout.payments.provider import DisputeStatus, ProviderDispute, ProviderPayment
from checkout.payments.signals import PaymentSignals, check_result_of, risk_level_of, score_of
from checkout.payments.vaults.instrument import Instrument

# Where Stripe's minor unit is not that of ISO 4217: https://docs.stripe.com/currencies
_EXPONENTS: Final[Mapping[str, int]] = {"ISK": 2, "UGX": 2, "MGA": 0}
_THREE_DIGITS: Final = 3
_STATUSES: Final[Mapping[str, PaymentStatus]] = {
    # After a failed attempt: the order's one attempt is over.
    "requires_payment_method": PaymentStatus.DECLINED,
    "requires_confirmation": PaymentStatus.PENDING,
    "requires_action": PaymentStatus.REQUIRES_ACTION,
    "processing": PaymentStatus.PENDING,
    "requires_capture": PaymentStatus.AUTHORIZED,
    "succeeded": PaymentStatus.CAPTURED,
    "canceled": PaymentStatus.VOIDED,
}

# A warning is an inquiry of the bank before it takes money: https://docs.stripe.com/disputes
_DISPUTES: Final[Mapping[str, DisputeStatus]] = {
    "warning_needs_response": DisputeStatus.NEEDS_RESPONSE,
    "warning_under_review": DisputeStatus.UNDER_REVIEW,
    "warning_closed": DisputeStatus.WON,
    "needs_response": DisputeStatus.NEEDS_RESPONSE,
    "under_review": DisputeStatus.UNDER_REVIEW,
    "won": DisputeStatus.WON,
    "prevented": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}


def to_stripe(amount: Money) -> int:
    """Returns an amount in Stripe's minor units.

    Raises ProviderRefused for one that Stripe cannot take: of three decimal digits the last is 0.
    """
    theirs, ours = _exponent(amount.currency), exponent(amount.currency)
    if theirs >= ours:
        minor = amount.amount_minor * _power(theirs - ours)
        rest = minor % 10 if theirs == _THREE_DIGITS else 0
    else:
        minor, rest = divmod(amount.amount_minor, _power(ours - theirs))
    if rest:
        raise ProviderRefused(code="amount_not_representable")
    return minor


def from_stripe(minor: int, currency: str) -> int:
    """Returns an amount in minor units of ISO 4217."""
    theirs, ours = _exponent(currency), exponent(currency)
    return minor // _power(theirs - ours) if theirs >= ours else minor * _power(ours - theirs)


def _power(digits: int) -> int:
    return int(10**digits)


def _exponent(currency: str) -> int:
    return _EXPONENTS.get(currency, exponent(currency))


def payment_of(intent: Mapping[str, Any]) -> ProviderPayment:
    """Returns the payment of a PaymentIntent whose `latest_charge` is expanded."""
    currency = str(intent["currency"]).upper()
    captured = from_stripe(int(intent.get("amount_received") or 0), currency)
    charge = intent.get("latest_charge")
    refunded_stripe = int(charge.get("amount_refunded") or 0) if isinstance(charge, dict) else 0
    # Before its capture what is "refunded" of a charge is the part of the hold that was given up.
    refunded = from_stripe(refunded_stripe, currency) if captured else 0
    error = intent.get("last_payment_error") or {}
    status = _STATUSES.get(str(intent["status"]), PaymentStatus.PENDING)
    if status is PaymentStatus.VOIDED and error:
        # Stripe clears the error with the next attempt: this one ended with it.
        status = PaymentStatus.DECLINED
    refunded = min(refunded, captured)
    if refunded and status is PaymentStatus.CAPTURED:
        status = (
            PaymentStatus.REFUNDED if refunded == captured else PaymentStatus.PARTIALLY_REFUNDED
        )
    return ProviderPayment(
        id=str(intent["id"]),
        reference=str((intent.get("metadata") or {}).get("reference", "")),
        status=status,
        currency=currency,
        amount_minor=from_stripe(int(intent["amount"]), currency),
        captured_minor=captured,
        refunded_minor=refunded,
        decline_code=str(error.get("decline_code") or error.get("code") or ""),
        action_url=action_url_of(intent) if status is PaymentStatus.REQUIRES_ACTION else "",
        signals=_signals_of(charge) if isinstance(charge, dict) else None,
        card_fingerprint=_fingerprint_of(charge, error),
        instrument=_kept_of(intent, charge),
        authorized_until=_authorized_until(charge),
        captures_parts=_captures_parts(charge),
    )


def _signals_of(charge: Mapping[str, Any]) -> PaymentSignals | None:
    """Returns what Radar and the card's bank say of a charge; None if they say nothing."""
    outcome, card = charge.get("outcome") or {}, _card_of(charge)
    checks = card.get("checks") or {}
    signals = PaymentSignals(
        risk_level=risk_level_of(outcome.get("risk_level")),
        risk_score=score_of(outcome.get("risk_score")),
        cvc_check=check_result_of(checks.get("cvc_check")),
        address_check=check_result_of(checks.get("address_line1_check")),
        postal_code_check=check_result_of(checks.get("address_postal_code_check")),
        card_country=str(card.get("country") or ""),
    )
    return signals if signals != PaymentSignals() else None


def dispute_of(dispute: Mapping[str, Any], reference: str) -> ProviderDispute:
    """Returns a Dispute of the order that its payment names."""
    currency = str(dispute["currency"]).upper()
    due_by = (dispute.get("evidence_details") or {}).get("due_by")
    return ProviderDispute(
        id=str(dispute["id"]),
        payment_id=str(dispute.get("payment_intent") or ""),
        reference=reference,
        status=_DISPUTES.get(str(dispute["status"]), DisputeStatus.UNDER_REVIEW),
        reason=str(dispute.get("reason") or ""),
        amount=Money(from_stripe(int(dispute["amount"]), currency), currency),
        respond_by=datetime.fromtimestamp(int(due_by), UTC) if due_by else None,
        opened_at=datetime.fromtimestamp(int(dispute["created"]), UTC),
    )


def _fingerprint_of(charge: object, error: Mapping[str, Any]) -> str:
    """Returns Stripe's name for the card; a declined attempt has it in its error."""
    card = _card_of(charge) if isinstance(charge, dict) else {}
    declined = (error.get("payment_method") or {}).get("card") or {}
    return str(card.get("fingerprint") or declined.get("fingerprint") or "")


def _card_of(charge: Mapping[str, Any]) -> Mapping[str, Any]:
    details = charge.get("payment_method_details") or {}
    card: Mapping[str, Any] = details.get("card") or {}
    return card


def _authorized_until(charge: object) -> datetime | None:
    """Returns until when the bank keeps an authorized charge."""
    until = _card_of(charge).get("capture_before") if isinstance(charge, dict) else None
    return datetime.fromtimestamp(int(until), UTC) if until else None


def _captures_parts(charge: object) -> bool:
    """Returns whether a charge is taken in parts."""
    card = _card_of(charge) if isinstance(charge, dict) else {}
    return (card.get("multicapture") or {}).get("status") == "available"


def _kept_of(intent: Mapping[str, Any], charge: object) -> Instrument | None:
    """Returns the card that a PaymentIntent has saved for its customer; None if it saves none."""
    if not (intent.get("customer") and intent.get("setup_future_usage")):
        return None
    method = intent.get("payment_method")
    if not isinstance(method, str) or not isinstance(charge, dict):
        return None
    return instrument_of({"id": method, "card": _card_of(charge)})


def instrument_of(method: Mapping[str, Any]) -> Instrument:
    """Returns the instrument of a PaymentMethod."""
    card = method.get("card") or {}
    return Instrument(
        token=str(method["id"]),
        brand=str(card.get("brand") or ""),
        last_four=str(card.get("last4") or ""),
        expires_month=int(card.get("exp_month") or 0),
        expires_year=int(card.get("exp_year") or 0),
    )


def action_url_of(intent: Mapping[str, Any]) -> str:
    """Returns the page of the challenge; empty where only Stripe's script in a browser has it."""
    action = intent.get("next_action") or {}
    return str((action.get("redirect_to_url") or {}).get("url") or "")
