"""The append-only record of every amount held, taken, released and given back: the evidence."""

import sqlite3
from enum import StrEnum
from typing import Any, Final

from simulator import clock
from simulator.payments.model import Payment


class EntryKind(StrEnum):
    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


# What is on hold now is what was authorized and neither captured nor released: a partial capture
# appends a void of the rest.
_SUMS: Final = """
    COUNT(DISTINCT payment_id) AS payment_count,
    SUM(CASE kind WHEN 'authorize' THEN amount_minor ELSE 0 END) AS authorized_minor,
    SUM(CASE kind WHEN 'capture' THEN amount_minor ELSE 0 END) AS captured_minor,
    SUM(CASE kind WHEN 'void' THEN amount_minor ELSE 0 END) AS voided_minor,
    SUM(CASE kind WHEN 'refund' THEN amount_minor ELSE 0 END) AS refunded_minor,
    SUM(CASE kind WHEN 'capture' THEN amount_minor WHEN 'refund' THEN -amount_minor ELSE 0 END) AS
    net_captured_minor,
    SUM(CASE kind WHEN 'authorize' THEN amount_minor WHEN 'refund' THEN 0 ELSE -amount_minor END) AS
    holding_minor
"""


def append_entry(
    tx: sqlite3.Connection, payment: Payment, kind: EntryKind, *, amount_minor: int
) -> None:
    """Adds one entry; `amount_minor` is positive, and the kind tells its direction."""
    tx.execute(
        "INSERT INTO ledger_entry (payment_id, reference, kind, amount_minor, currency, at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            payment.payment_id,
            payment.reference,
            kind,
            amount_minor,
            payment.currency,
            clock.iso(clock.now()),
        ),
    )


def list_entries(
    tx: sqlite3.Connection, *, reference: str | None, after_seq: int, limit: int
) -> list[dict[str, Any]]:
    """Entries in order of `seq`, from the first one after `after_seq`."""
    where, parameters = ("reference = ? AND", [reference]) if reference is not None else ("", [])
    rows = tx.execute(
        "SELECT seq, payment_id, reference, kind, amount_minor, currency, at FROM ledger_entry "
        f"WHERE {where} seq > ? ORDER BY seq LIMIT ?",
        (*parameters, after_seq, limit),
    )
    return [dict(row) for row in rows]


def summarize_by_reference(
    tx: sqlite3.Connection, *, reference: str | None
) -> list[dict[str, Any]]:
    """Sums per reference and currency, in that order; of one reference, or of all."""
    where, parameters = ("WHERE reference = ?", [reference]) if reference is not None else ("", [])
    rows = tx.execute(
        f"SELECT reference, currency, {_SUMS} FROM ledger_entry {where} GROUP BY reference, "
        "currency ORDER BY reference, currency",
        parameters,
    )
    return [dict(row) for row in rows]


def total_by_currency(tx: sqlite3.Connection) -> dict[str, Any]:
    """Returns the length of the ledger and its sums per currency."""
    length = tx.execute(
        "SELECT COUNT(*) AS entry_count, COALESCE(MAX(seq), 0) AS last_seq FROM ledger_entry"
    ).fetchone()
    rows = tx.execute(
        f"SELECT currency, {_SUMS} FROM ledger_entry GROUP BY currency ORDER BY currency"
    )
    return {**dict(length), "currencies": [dict(row) for row in rows]}
