"""Disputes: a buyer asks the bank for the money back, and the bank decides.

The ledger stays as it is: what a lost dispute takes is no refund of the merchant's.
"""

import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from simulator import clock
from simulator.errors import (
    DisputeExceedsCaptured,
    DisputeNotFound,
    PaymentInDispute,
    WrongDisputeStatus,
    WrongPaymentStatus,
)
from simulator.identifiers import new_id
from simulator.messages import EventType
from simulator.payments import queries
from simulator.payments.model import PaymentStatus
from simulator.webhooks import outbox

_EVIDENCE_DAYS: Final = timedelta(days=7)
_FIELDS: Final = (
    "dispute_id, payment_id, reference, status, reason, amount_minor, currency, respond_by,"
    " created_at"
)


class DisputeStatus(StrEnum):
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


_NEXT: Final = {
    DisputeStatus.NEEDS_RESPONSE: set(DisputeStatus) - {DisputeStatus.NEEDS_RESPONSE},
    DisputeStatus.UNDER_REVIEW: {DisputeStatus.WON, DisputeStatus.LOST},
    DisputeStatus.WON: set(),
    DisputeStatus.LOST: set(),
}


@dataclass(slots=True)
class Dispute:
    """A dispute of a payment; the merchant may send evidence until `respond_by`."""

    id: str
    payment_id: str
    reference: str
    status: DisputeStatus
    reason: str
    amount_minor: int
    currency: str
    respond_by: str
    created_at: str


def open_dispute(
    tx: sqlite3.Connection, payment_id: str, *, reason: str, amount_minor: int | None
) -> Dispute:
    """Opens a dispute of a captured payment over an amount, or over all that is left of it.

    Raises PaymentNotFound, WrongPaymentStatus, PaymentInDispute, DisputeExceedsCaptured.
    """
    payment = queries.payment_by_id(tx, payment_id)
    if payment.status is not PaymentStatus.CAPTURED or not payment.refundable_minor:
        raise WrongPaymentStatus(f"the payment is {payment.status}", payment_status=payment.status)
    if tx.execute("SELECT 1 FROM dispute WHERE payment_id = ?", (payment_id,)).fetchone():
        raise PaymentInDispute("the payment was disputed before")
    amount = payment.refundable_minor if amount_minor is None else amount_minor
    if amount > payment.refundable_minor:
        raise DisputeExceedsCaptured("more than is left", left_minor=payment.refundable_minor)
    dispute = Dispute(
        id=new_id("dp"),
        payment_id=payment_id,
        reference=payment.reference,
        status=DisputeStatus.NEEDS_RESPONSE,
        reason=reason,
        amount_minor=amount,
        currency=payment.currency,
        respond_by=clock.iso(clock.now() + _EVIDENCE_DAYS),
        created_at=clock.iso(clock.now()),
    )
    tx.execute(
        f"INSERT INTO dispute ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            dispute.id,
            dispute.payment_id,
            dispute.reference,
            dispute.status,
            dispute.reason,
            dispute.amount_minor,
            dispute.currency,
            dispute.respond_by,
            dispute.created_at,
        ),
    )
    outbox.emit_event(tx, payment, EventType.DISPUTE_OPENED, dispute_id=dispute.id)
    return dispute


def decide_dispute(tx: sqlite3.Connection, dispute_id: str, status: DisputeStatus) -> Dispute:
    """Takes a dispute on. A repeat changes nothing.

    Raises DisputeNotFound, WrongDisputeStatus.
    """
    dispute = dispute_by_id(tx, dispute_id)
    if dispute.status is status:
        return dispute
    if status not in _NEXT[dispute.status]:
        raise WrongDisputeStatus(
            f"the dispute is {dispute.status}", dispute_status=dispute.status, wanted=status
        )
    dispute.status = status
    tx.execute("UPDATE dispute SET status = ? WHERE dispute_id = ?", (status, dispute_id))
    payment = queries.payment_by_id(tx, dispute.payment_id)
    outbox.emit_event(tx, payment, EventType.DISPUTE_CHANGED, dispute_id=dispute.id)
    return dispute


def dispute_by_id(tx: sqlite3.Connection, dispute_id: str) -> Dispute:
    """Raises DisputeNotFound."""
    row = tx.execute(
        f"SELECT {_FIELDS} FROM dispute WHERE dispute_id = ?", (dispute_id,)
    ).fetchone()
    if row is None:
        raise DisputeNotFound("no dispute has this id")
    id, payment_id, reference, status, *rest = row
    return Dispute(id, payment_id, reference, DisputeStatus(status), *rest)
