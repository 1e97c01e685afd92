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
