"""Keys that make a repeat safe: a key, its effect and its response are one transaction."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from pydantic import BaseModel

from simulator import clock
from simulator.errors import CancelledBeforeCreation, KeyReused

CREATE: Final = "create"


@dataclass(frozen=True, slots=True)
class Claim:
    """A key as one operation uses it. `fingerprint` tells one body from another."""

    operation: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, as it is sent and stored.

    `is_withheld` is not stored: a repeat is answered promptly.
    """

    status_code: int
    body: bytes
    is_replayed: bool = False
    is_withheld: bool = False


def fingerprint_of(request: BaseModel | None, *, payment_id: str = "") -> str:
    """Returns a fingerprint that is equal for two bodies of one meaning.

    Spacing, order and explicit defaults do not matter.
    """
    meaning = [payment_id, request.model_dump(mode="json") if request else None]
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


def answer_once(
    tx: sqlite3.Connection, claim: Claim | None, effect: Callable[[sqlite3.Connection], Answer]
) -> Answer:
    """The stored answer where the key has one, else that of `effect`, which is then stored.

    Raises KeyReused for another body and CancelledBeforeCreation for a tombstone. A refusal by
    `effect` stores nothing, so that a repeat is judged anew. Without a claim `effect` runs each
    time.
    """
    if claim is None:
        return effect(tx)
    stored = _stored(tx, claim)
    if stored is not None:
        return stored
    answer = effect(tx)
    tx.execute(
        "INSERT INTO idempotency_record (operation, key, fingerprint, status_code, body, "
        "created_at) VALUES (?, ?, ?, ?, ?, ?)",
        (
            claim.operation,
            claim.key,
            claim.fingerprint,
            answer.status_code,
            answer.body,
            clock.iso(clock.now()),
        ),
    )
    return answer


def bury_key(tx: sqlite3.Connection, key: str) -> None:
    """Leaves a tombstone under which no payment can be created any more. Idempotent."""
    tx.execute(
        "INSERT INTO idempotency_record (operation, key, created_at) VALUES (?, ?, ?) ON CONFLICT "
        "DO NOTHING",
        (CREATE, key, clock.iso(clock.now())),
    )


def is_key_buried(tx: sqlite3.Connection, key: str) -> bool:
    """Returns whether the key was cancelled before a payment was created under it."""
    row = tx.execute(
        "SELECT status_code IS NULL FROM idempotency_record WHERE operation = ? AND key = ?",
        (CREATE, key),
    ).fetchone()
    return bool(row and row[0])


def _stored(tx: sqlite3.Connection, claim: Claim) -> Answer | None:
    row = tx.execute(
        "SELECT fingerprint, status_code, body FROM idempotency_record WHERE operation = ? AND "
        "key = ?",
        (claim.operation, claim.key),
    ).fetchone()
    if row is None:
        return None
    if row["status_code"] is None:
        raise CancelledBeforeCreation(
            "this key was cancelled before a payment was created under it"
        )
    if row["fingerprint"] != claim.fingerprint:
        raise KeyReused("this key was used with another request")
    return replace(Answer(row["status_code"], row["body"]), is_replayed=True)
