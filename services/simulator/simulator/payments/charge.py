"""Holding and taking money."""

import sqlite3
from dataclasses import dataclass

from simulator import clock, misbehaviour
from simulator.errors import CaptureExceedsAuthorization
from simulator.identifiers import new_id, new_secret
from simulator.messages import EventType, NewPayment
from simulator.payments import ledger, queries, vault
from simulator.payments.ledger import EntryKind
from simulator.payments.model import Payment, PaymentStatus
from simulator.webhooks import outbox


@dataclass(frozen=True, slots=True)
class Charged:
    """`is_answer_withheld`: the charge stands, and the merchant shall not hear of it in time."""

    payment: Payment
    is_answer_withheld: bool = False


def create_payment(
    tx: sqlite3.Connection, new: NewPayment, *, key: str, challenge_base_url: str
) -> Charged:
    """A new payment: on hold, taken at once, declined, or waiting for a challenge.

    Raises UnknownPaymentMethod.
    """
    if new.customer:
        vault.require_customer(tx, new.customer)
    verdict = vault.verdict_for(tx, new.payment_method, new.customer, off_session=new.off_session)
    decline_code = verdict.decline_code
    if decline_code is None and misbehaviour.declines_now(tx):
        decline_code = "card_declined"
    payment = _payment_of(new, key=key)
    payment.signals = verdict.signals
    if decline_code is not None:
        payment.status, payment.decline_code = PaymentStatus.DECLINED, decline_code
        return _noted(tx, payment, EventType.DECLINED)
    keeps = new.customer if new.save else None
    if verdict.needs_challenge:
        payment.status, payment.challenge_token = PaymentStatus.REQUIRES_ACTION, new_secret("chl")
        payment.challenge_url = f"{challenge_base_url}/challenges/{payment.challenge_token}"
        challenged = _noted(tx, payment, EventType.REQUIRES_ACTION)
        if keeps:
            vault.keep_of_payment(tx, payment.payment_id, keeps, new.payment_method)
        return challenged
    queries.insert_payment(tx, payment)
    if keeps:
        vault.keep_of_payment(tx, payment.payment_id, keeps, new.payment_method)
    authorize_payment(tx, payment)
    is_answer_withheld = misbehaviour.withholds_answer_now(tx)
    return Charged(payment, is_answer_withheld=is_answer_withheld or verdict.holds_answer)


def capture_payment(
    tx: sqlite3.Connection, payment_id: str, *, amount_minor: int | None, is_final: bool = True
) -> Charged:
    """Takes money that is on hold: `amount_minor`, or all that is left.

    A final capture releases what it leaves.

    Raises PaymentNotFound, WrongPaymentStatus and CaptureExceedsAuthorization.
    """
    payment = queries.payment_by_id(tx, payment_id)
    left = payment.amount_minor - payment.captured_minor
    amount_minor = left if amount_minor is None else amount_minor
    _take(tx, payment, amount_minor=amount_minor, is_final=is_final or not payment.in_parts)
    return Charged(payment, is_answer_withheld=misbehaviour.withholds_answer_now(tx))


def authorize_payment(tx: sqlite3.Connection, payment: Payment) -> None:
    """Puts an authorized payment's amount on hold, and captures it if the merchant asked for it.

    Its instrument is kept from now on, where the customer agreed.
    """
    payment.kept = vault.attach_of_payment(tx, payment.payment_id)
    ledger.append_entry(tx, payment, EntryKind.AUTHORIZE, amount_minor=payment.amount_minor)
    outbox.emit_event(tx, payment, EventType.AUTHORIZED)
    if payment.capture_at_once:
        _take(tx, payment, amount_minor=payment.amount_minor)


def _take(
    tx: sqlite3.Connection, payment: Payment, *, amount_minor: int, is_final: bool = True
) -> None:
    was = payment.status
    payment.become(PaymentStatus.CAPTURED)
    left = payment.amount_minor - payment.captured_minor - amount_minor
    if left < 0:
        raise CaptureExceedsAuthorization(
            "more than was authorized", authorized_minor=payment.amount_minor
        )
    payment.captured_minor += amount_minor
    ledger.append_entry(tx, payment, EntryKind.CAPTURE, amount_minor=amount_minor)
    if left and is_final:
        ledger.append_entry(tx, payment, EntryKind.VOID, amount_minor=left)
    if left and not is_final:
        payment.status = was
    outbox.emit_event(tx, payment, EventType.CAPTURED)


def _payment_of(new: NewPayment, *, key: str) -> Payment:
    return Payment(
        payment_id=new_id("pay"),
        reference=new.reference,
        idempotency_key=key,
        status=PaymentStatus.AUTHORIZED,
        amount_minor=new.amount_minor,
        currency=new.currency,
        capture_at_once=new.capture,
        created_at=clock.iso(clock.now()),
        return_url=new.return_url,
        in_parts=new.in_parts,
    )


def _noted(tx: sqlite3.Connection, payment: Payment, event_type: EventType) -> Charged:
    queries.insert_payment(tx, payment)
    outbox.emit_event(tx, payment, event_type)
    return Charged(payment)
