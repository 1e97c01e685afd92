"""Webhooks of Stripe: the header `Stripe-Signature`, and events as hints.

https://docs.stripe.com/webhooks#verify-manually is the source of the scheme.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from chassis.runtime.clock import real_now
from chassis.text import normalize
from checkout.errors.payments import MalformedWebhook, WrongSignature
from checkout.payments.provider import WebhookEvent

MAX_AGE_SECONDS: Final = 300
_MOST_DIGITS: Final = 12
# Stripe's types that tell of money, in the words of the port.
_MONEY: Final = {
    "payment_intent.amount_capturable_updated": "payment.authorized",
    "payment_intent.succeeded": "payment.captured",
}

_DISPUTE: Final = "charge.dispute."
_REFUND: Final = ("refund.failed", "refund.updated", "charge.refund.updated")
_VAULT: Final = ("payment_method.", "setup_intent.")


def verify(body: bytes, signature: str, secrets: Sequence[bytes]) -> WebhookEvent:
    """Returns the event of a webhook that one of the secrets signed within 5 minutes.

    Raises WrongSignature, MalformedWebhook, InvalidText.
    """
    at, digests = _parts(signature)
    signed = at.encode() + b"." + body
    expected = [hmac.new(secret, signed, hashlib.sha256).hexdigest() for secret in secrets]
    # Each is compared, so that the time says nothing of which one fits.
    fits = [hmac.compare_digest(digest, each) for digest in digests for each in expected]
    if not any(fits) or abs(real_now().timestamp() - int(at)) > MAX_AGE_SECONDS:
        raise WrongSignature
    try:
        event = json.loads(body)
        id, kind, subject = event["id"], event["type"], event["data"]["object"]
        reference = (subject.get("metadata") or {}).get("reference", "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise MalformedWebhook("the body is not an event of Stripe") from None
    kind = _line(kind)
    dispute_id = _line(subject.get("id", "")) if kind.startswith(_DISPUTE) else ""
    refund_id = _line(subject.get("id", "")) if kind in _REFUND else ""
    customer = _customer_of(event["data"]) if kind.startswith(_VAULT) else ""
    return WebhookEvent(
        _line(id), _MONEY.get(kind, kind), _line(reference), dispute_id, customer, refund_id
    )


def _customer_of(data: Mapping[str, Any]) -> str:
    """Returns the customer of an event; that of a detached instrument was before it."""
    before = data.get("previous_attributes") or {}
    return _line(data["object"].get("customer") or before.get("customer") or "")


def _parts(signature: str) -> tuple[str, list[str]]:
    """Returns the time and the digests of scheme v1. Raises WrongSignature."""
    pairs = [part.strip().partition("=") for part in signature.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    digests = [value for name, _, value in pairs if name == "v1" and value.isascii()]
    if len(times) != 1 or not digests:
        raise WrongSignature
    [at] = times
    if not (at.isascii() and at.isdigit() and len(at) <= _MOST_DIGITS):
        raise WrongSignature
    return at, digests


def _line(value: object) -> str:
    """Returns a value as text of one line. Raises InvalidText."""
    return normalize(str(value), one_line=True)
