"""Stripe's objects as values, and amounts in Stripe's minor units."""

from collections.abc import Mapping
from typing import Any, Final

from chassis.money import Money, exponent
from checkout.errors import ProviderRefused
from checkout.payments.model import PaymentStatus
from checkout.payments.provider import ProviderPayment

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
    if captured and refunded:
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
        action_url=_action_url(intent) if status is PaymentStatus.REQUIRES_ACTION else "",
    )


def _action_url(intent: Mapping[str, Any]) -> str:
    """Returns the page of the challenge; empty where only Stripe's script in a browser has it."""
    action = intent.get("next_action") or {}
    return str((action.get("redirect_to_url") or {}).get("url") or "")
