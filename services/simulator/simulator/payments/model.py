"""A payment: what a merchant asked for, and how far it has come."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from simulator.errors import WrongPaymentStatus


class PaymentStatus(StrEnum):
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"


TRANSITIONS: Final = {
    PaymentStatus.REQUIRES_ACTION: {
        PaymentStatus.AUTHORIZED,
        PaymentStatus.DECLINED,
        PaymentStatus.VOIDED,
    },
    PaymentStatus.AUTHORIZED: {PaymentStatus.CAPTURED, PaymentStatus.VOIDED},
    PaymentStatus.CAPTURED: set(),
    PaymentStatus.DECLINED: set(),
    PaymentStatus.VOIDED: set(),
}


@dataclass(frozen=True, slots=True)
class Signals:
    """Signals against fraud, in the words of Stripe; None is not said.

    `card_fingerprint` is the same for each payment with a card.
    """

    risk_level: str | None = "normal"
    risk_score: int | None = 10
    cvc_check: str | None = "pass"
    address_check: str | None = "pass"
    postal_code_check: str | None = "pass"
    card_country: str | None = "DE"
    card_fingerprint: str | None = "card_1"


@dataclass(slots=True)
class Instrument:
    """An instrument that is kept. `kind` is the test token that it was made from."""

    instrument_id: str
    customer_id: str
    kind: str
    is_attached: bool

    brand: str = "visa"
    last_four: str = "4242"
    expires_month: int = 12
    expires_year: int = 2034


@dataclass(slots=True)
class Payment:
    """Amounts are minor units of `currency`; `reference` is the merchant's order id.

    A capture happens once and releases what it leaves, so the money on hold is the whole amount or
    nothing.
    """

    payment_id: str
    reference: str
    idempotency_key: str
    status: PaymentStatus
    amount_minor: int
    currency: str
    capture_at_once: bool
    created_at: str
    captured_minor: int = 0
    refunded_minor: int = 0
    decline_code: str | None = None
    return_url: str | None = None
    challenge_token: str | None = None
    challenge_url: str | None = None
    event_count: int = 0
    signals: Signals | None = None
    kept: Instrument | None = None
    in_parts: bool = False

    @property
    def refundable_minor(self) -> int:
        """Amount that was captured and not yet refunded."""
        return self.captured_minor - self.refunded_minor

    def become(self, status: PaymentStatus) -> None:
        """Raises WrongPaymentStatus if the transition is not in TRANSITIONS."""
        if status not in TRANSITIONS[self.status]:
            raise WrongPaymentStatus(
                f"the payment is {self.status}", payment_status=self.status, wanted=status
            )
        self.status = status
