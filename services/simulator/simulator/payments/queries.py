"""Reads and writes of payments. Reads raise PaymentNotFound or ChallengeNotFound."""

import json
import sqlite3
from dataclasses import asdict
from typing import Final

from simulator.errors import ChallengeNotFound, PaymentNotFound
from simulator.payments.model import Instrument, Payment, PaymentStatus, Signals

_COLUMNS: Final = (
    "payment_id, reference, idempotency_key, status, amount_minor, currency, capture_at_once, "
    "created_at, captured_minor, "
    "refunded_minor, decline_code, return_url, challenge_token, challenge_url, event_count"
)
_SELECT: Final = (
    f"SELECT {_COLUMNS}, (SELECT body FROM payment_signals s WHERE s.payment_id = p.payment_id),"
    " (SELECT i.instrument_id FROM payment_instrument k JOIN instrument i"
    " ON i.instrument_id = k.instrument_id AND i.is_attached = 1"
    " WHERE k.payment_id = p.payment_id),"
    " EXISTS (SELECT 1 FROM payment_in_parts x WHERE x.payment_id = p.payment_id)"
    " FROM payment p"
)
_INSERT: Final = (
    f"INSERT INTO payment ({_COLUMNS}) VALUES ({', '.join('?' * len(_COLUMNS.split(',')))})"
)
_UPDATE: Final = (
    "UPDATE payment SET status = ?, captured_minor = ?, refunded_minor = ?, decline_code = ?, "
    "event_count = ? WHERE payment_id = ?"
)


def insert_payment(tx: sqlite3.Connection, payment: Payment) -> None:
    """Writes a new row."""
    tx.execute(_INSERT, tuple(getattr(payment, name.strip()) for name in _COLUMNS.split(",")))
    if payment.in_parts:
        tx.execute("INSERT INTO payment_in_parts VALUES (?)", (payment.payment_id,))
    if payment.signals:
        tx.execute(
            "INSERT INTO payment_signals (payment_id, body) VALUES (?, ?)",
            (payment.payment_id, json.dumps(asdict(payment.signals))),
        )


def save_payment(tx: sqlite3.Connection, payment: Payment) -> None:
    """Writes what can change of a payment."""
    tx.execute(
        _UPDATE,
        (
            payment.status,
            payment.captured_minor,
            payment.refunded_minor,
            payment.decline_code,
            payment.event_count,
            payment.payment_id,
        ),
    )


def payment_by_id(tx: sqlite3.Connection, payment_id: str) -> Payment:
    """Raises PaymentNotFound."""
    row = tx.execute(f"{_SELECT} WHERE payment_id = ?", (payment_id,)).fetchone()
    if row is None:
        raise PaymentNotFound("no payment has this id", payment_id=payment_id)
    return _from(row)


def payment_by_key(tx: sqlite3.Connection, idempotency_key: str) -> Payment | None:
    """The payment made under a key; there is never a second one."""
    row = tx.execute(f"{_SELECT} WHERE idempotency_key = ?", (idempotency_key,)).fetchone()
    return _from(row) if row else None


def payment_by_challenge(tx: sqlite3.Connection, token: str) -> Payment:
    """Raises ChallengeNotFound."""
    row = tx.execute(f"{_SELECT} WHERE challenge_token = ?", (token,)).fetchone()
    if row is None:
        raise ChallengeNotFound("no challenge has this token")
    return _from(row)


def payments_of_reference(tx: sqlite3.Connection, reference: str) -> list[Payment]:
    """All payments of one order, oldest first."""
    rows = tx.execute(f"{_SELECT} WHERE reference = ? ORDER BY payment_id", (reference,))
    return [_from(row) for row in rows]


def counts_by_status(tx: sqlite3.Connection) -> dict[str, int]:
    """Returns the count of payments by status, without statuses that none has."""
    rows = tx.execute(
        "SELECT status, COUNT(*) AS payment_count FROM payment GROUP BY status ORDER BY status"
    )
    return {row["status"]: row["payment_count"] for row in rows}


def _from(row: sqlite3.Row) -> Payment:
    payment = Payment(*row)
    payment.status = PaymentStatus(payment.status)
    payment.capture_at_once = bool(payment.capture_at_once)
    payment.signals = Signals(**json.loads(row[-3])) if row[-3] else None
    payment.kept = Instrument(row[-2], "", "", is_attached=True) if row[-2] else None
    payment.in_parts = bool(row[-1])
    return payment
