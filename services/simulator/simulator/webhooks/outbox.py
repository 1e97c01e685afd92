"""Webhook events, written with their payment and kept until the merchant has them."""

import random
import sqlite3
import time
from dataclasses import dataclass
from typing import Final

from pydantic_core import to_json

from simulator import clock, messages, misbehaviour
from simulator.identifiers import new_id
from simulator.messages import EventType
from simulator.payments import queries
from simulator.payments.model import Payment

SHUFFLE_SECONDS: Final = 0.5
FIRST_RETRY_SECONDS: Final = 0.5
LONGEST_RETRY_SECONDS: Final = 30.0
GIVE_UP_SECONDS: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event to deliver. `due_at` is in Unix seconds; `body` is the same at every attempt."""

    event_id: str
    body: str
    due_at: float


def emit_event(
    tx: sqlite3.Connection, payment: Payment, event_type: EventType, *, dispute_id: str = ""
) -> None:
    """Writes an event with a snapshot of the payment, and raises the payment's event count."""
    payment.event_count += 1
    queries.save_payment(tx, payment)
    fate = misbehaviour.fate_of_next_event(tx)
    event_id = new_id("evt")
    event = {
        "id": event_id,
        "type": event_type,
        "created_at": clock.iso(clock.now()),
        "sequence": payment.event_count,
        "data": messages.snapshot_of(payment),
        **({"dispute": dispute_id} if dispute_id else {}),
    }
    jitter_seconds = 0.0 if fate.is_ordered else random.uniform(0, SHUFFLE_SECONDS)
    due_at = time.time() + fate.delay_seconds + jitter_seconds
    tx.execute(
        "INSERT INTO webhook_event (event_id, payment_id, sequence, body, state, ordered, "
        "copies_left, first_due_at, due_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event_id,
            payment.payment_id,
            payment.event_count,
            to_json(event).decode(),
            "dropped" if fate.is_dropped else "pending",
            fate.is_ordered,
            fate.copy_count,
            due_at,
            due_at,
        ),
    )


def mark_delivered(tx: sqlite3.Connection, event_id: str) -> None:
    """Records one copy as received; the event is done with its last one."""
    # SET reads the values from before the update.
    tx.execute(
        "UPDATE webhook_event SET copies_left = copies_left - 1, attempts = 0, "
        "due_at = due_at + CASE ordered WHEN 1 THEN 0 ELSE ? END, "
        "state = CASE WHEN copies_left > 1 THEN state ELSE 'delivered' END WHERE event_id = ?",
        (random.uniform(0, SHUFFLE_SECONDS), event_id),
    )


def mark_failed(tx: sqlite3.Connection, event_id: str) -> None:
    """Puts the event off, each time for longer, and gives it up a day after it was due at first."""
    attempts, first_due_at = tx.execute(
        "SELECT attempts, first_due_at FROM webhook_event WHERE event_id = ?", (event_id,)
    ).fetchone()
    moment = time.time()
    # The exponent is bounded too, since 2.0 ** 1024 overflows.
    backoff_seconds = min(
        FIRST_RETRY_SECONDS * 2 ** min(attempts, 10), LONGEST_RETRY_SECONDS
    ) * random.uniform(0.8, 1.2)
    tx.execute(
        "UPDATE webhook_event SET attempts = attempts + 1, due_at = ?, state = ? WHERE event_id = "
        "?",
        (
            moment + backoff_seconds,
            "expired" if moment - first_due_at > GIVE_UP_SECONDS else "pending",
            event_id,
        ),
    )


def release_delayed(tx: sqlite3.Connection) -> None:
    """Makes due at once what a rule holds back; retries keep their time."""
    tx.execute(
        "UPDATE webhook_event SET due_at = ? WHERE state = 'pending' AND attempts = 0",
        (time.time(),),
    )


def deliverable_events(tx: sqlite3.Connection, *, limit: int) -> list[PendingEvent]:
    """The next events by due time, due or not.

    One of a payment waits for that payment's earlier ones, unless shuffled.
    """
    rows = tx.execute(
        "SELECT event_id, body, due_at FROM webhook_event AS event WHERE state = 'pending' AND "
        "(NOT ordered OR NOT EXISTS ("
        "SELECT 1 FROM webhook_event AS earlier WHERE earlier.payment_id = event.payment_id "
        "AND earlier.sequence < event.sequence AND earlier.state = 'pending')) ORDER BY due_at "
        "LIMIT ?",
        (limit,),
    )
    return [PendingEvent(*row) for row in rows]
