"""Letting go of money, and giving it back."""

import sqlite3

from simulator import messages
from simulator.errors import RefundExceedsCaptured, WrongPaymentStatus
from simulator.messages import Cancellation, CancelOutcome, EventType, PaymentView
from simulator.payments import ledger, queries
from simulator.payments.ledger import EntryKind
from simulator.payments.model import Payment, PaymentStatus
from simulator.storage import idempotency
from simulator.webhooks import outbox


def void_payment(tx: sqlite3.Connection, payment_id: str) -> Payment:
    """Releases the hold, or withdraws a payment that waits for a challenge.

    A voided payment stays as it is.

    Raises PaymentNotFound and WrongPaymentStatus.
    """
    payment = queries.payment_by_id(tx, payment_id)
    if payment.status is not PaymentStatus.VOIDED:
        _release(tx, payment)
    return payment


def refund_payment(tx: sqlite3.Connection, payment_id: str, *, amount_minor: int | None) -> Payment:
    """Gives back `amount_minor`, or all that is left of what was captured.

    Raises PaymentNotFound, WrongPaymentStatus and RefundExceedsCaptured.
    """
    payment = queries.payment_by_id(tx, payment_id)
    if not payment.captured_minor:
        raise WrongPaymentStatus(f"the payment is {payment.status}", payment_status=payment.status)
    _give_back(
        tx, payment, amount_minor=payment.refundable_minor if amount_minor is None else amount_minor
    )
    return payment


def cancel_payment(tx: sqlite3.Connection, key: str) -> Cancellation:
    """Undoes whatever was done under a key of a create, and whatever may yet arrive under it.

    Idempotent.
    """
    payment = queries.payment_by_key(tx, key)
    if payment is None:
        idempotency.bury_key(tx, key)
        return Cancellation(
            idempotency_key=key, outcome=CancelOutcome.CANCELLED_BEFORE_CREATION, payment=None
        )
    outcome = _undo(tx, payment)
    view = PaymentView.model_validate(messages.snapshot_of(payment))
    return Cancellation(idempotency_key=key, outcome=outcome, payment=view)


def _undo(tx: sqlite3.Connection, payment: Payment) -> CancelOutcome:
    match payment.status:
        case PaymentStatus.REQUIRES_ACTION | PaymentStatus.AUTHORIZED:
            _release(tx, payment)
            if payment.captured_minor:
                return _undo(tx, payment)
            return CancelOutcome.VOIDED
        case PaymentStatus.CAPTURED:
            if payment.refundable_minor:
                _give_back(tx, payment, amount_minor=payment.refundable_minor)
            return CancelOutcome.REFUNDED
        case PaymentStatus.VOIDED:
            return CancelOutcome.VOIDED
        case PaymentStatus.DECLINED:
            return CancelOutcome.NOTHING_TO_UNDO


def _release(tx: sqlite3.Connection, payment: Payment) -> None:
    was_on_hold = payment.status is PaymentStatus.AUTHORIZED
    # What was captured in parts stays captured.
    ended = PaymentStatus.CAPTURED if payment.captured_minor else PaymentStatus.VOIDED
    payment.become(ended)
    if was_on_hold:
        left = payment.amount_minor - payment.captured_minor
        ledger.append_entry(tx, payment, EntryKind.VOID, amount_minor=left)
    outbox.emit_event(tx, payment, EventType.VOIDED)


def _give_back(tx: sqlite3.Connection, payment: Payment, *, amount_minor: int) -> None:
    if not 0 < amount_minor <= payment.refundable_minor:
        raise RefundExceedsCaptured(
            "more than is left of what was captured", refundable_minor=payment.refundable_minor
        )
    payment.refunded_minor += amount_minor
    ledger.append_entry(tx, payment, EntryKind.REFUND, amount_minor=amount_minor)
    outbox.emit_event(tx, payment, EventType.REFUNDED)
