"""The customer's bank: it asks the customer, and lets the payment pass or not."""

import sqlite3

from simulator.errors import ChallengeAlreadyResolved
from simulator.messages import ChallengeOutcome, EventType
from simulator.payments import charge, queries
from simulator.payments.challenge_outcome import AUTHENTICATION_FAILED
from simulator.payments.model import Payment, PaymentStatus
from simulator.webhooks import outbox


def resolve_challenge(tx: sqlite3.Connection, token: str, *, outcome: ChallengeOutcome) -> Payment:
    """The payment after the challenge.

    Idempotent for one outcome.

    Raises ChallengeNotFound, and ChallengeAlreadyResolved where the outcome was another one or the
    payment was voided.
    """
    payment = queries.payment_by_challenge(tx, token)
    if payment.status is not PaymentStatus.REQUIRES_ACTION:
        if outcome_of(payment) is not outcome:
            raise ChallengeAlreadyResolved(
                f"the payment is {payment.status}", payment_status=payment.status
            )
        return payment
    match outcome:
        case ChallengeOutcome.PASS:
            payment.become(PaymentStatus.AUTHORIZED)
            charge.authorize_payment(tx, payment)
        case ChallengeOutcome.FAIL:
            payment.become(PaymentStatus.DECLINED)
            payment.decline_code = AUTHENTICATION_FAILED
            outbox.emit_event(tx, payment, EventType.DECLINED)
    return payment


def outcome_of(payment: Payment) -> ChallengeOutcome | None:
    """Returns the outcome of the challenge.

    Returns None while it is open, or if the merchant withdrew the payment.
    """
    match payment.status:
        case PaymentStatus.AUTHORIZED | PaymentStatus.CAPTURED:
            return ChallengeOutcome.PASS
        case PaymentStatus.DECLINED:
            return ChallengeOutcome.FAIL
        case PaymentStatus.REQUIRES_ACTION | PaymentStatus.VOIDED:
            return None
