"""Customers, the instruments that are kept for them, and set-ups that add one."""

import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from simulator import clock
from simulator.errors import ChallengeNotFound, CustomerNotFound, SetUpNotFound
from simulator.identifiers import new_id, new_secret
from simulator.payments import methods
from simulator.payments.challenge_outcome import AUTHENTICATION_FAILED
from simulator.payments.methods import Verdict
from simulator.payments.model import Instrument

_OFF_SESSION: Final = "authentication_required"


class SetUpStatus(StrEnum):
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    DONE = "done"
    DECLINED = "declined"


@dataclass(slots=True)
class SetUp:
    """A set-up of an instrument; `instrument_id` is of one that is kept once it is done."""

    set_up_id: str
    customer_id: str
    idempotency_key: str
    status: SetUpStatus
    created_at: str
    client_secret: str
    instrument_id: str | None = None
    decline_code: str | None = None
    return_url: str | None = None
    challenge_token: str | None = None
    challenge_url: str | None = None


_FIELDS: Final = (
    "set_up_id, customer_id, idempotency_key, status, created_at, client_secret, instrument_id, "
    "decline_code, return_url, challenge_token, challenge_url"
)


def create_customer(tx: sqlite3.Connection, reference: str) -> str:
    """Makes a customer and returns its id."""
    customer_id = new_id("cus")
    tx.execute(
        "INSERT INTO customer (customer_id, reference, created_at) VALUES (?, ?, ?)",
        (customer_id, reference, clock.iso(clock.now())),
    )
    return customer_id


def require_customer(tx: sqlite3.Connection, customer_id: str) -> None:
    """Raises CustomerNotFound."""
    if not tx.execute("SELECT 1 FROM customer WHERE customer_id = ?", (customer_id,)).fetchone():
        raise CustomerNotFound("no customer has this id")


def delete_customer(tx: sqlite3.Connection, customer_id: str) -> None:
    """Deletes a customer, and detaches what is kept for it. Raises CustomerNotFound."""
    require_customer(tx, customer_id)
    tx.execute("UPDATE instrument SET is_attached = 0 WHERE customer_id = ?", (customer_id,))
    tx.execute("DELETE FROM customer WHERE customer_id = ?", (customer_id,))


def instruments_of(tx: sqlite3.Connection, customer_id: str) -> list[Instrument]:
    """Returns what is kept for a customer. Raises CustomerNotFound."""
    require_customer(tx, customer_id)
    rows = tx.execute(
        "SELECT instrument_id, customer_id, kind, is_attached FROM instrument"
        " WHERE customer_id = ? AND is_attached = 1 ORDER BY instrument_id",
        (customer_id,),
    )
    return [_instrument(row) for row in rows]


def find_instrument(tx: sqlite3.Connection, instrument_id: str) -> Instrument | None:
    """Returns an instrument, attached or not."""
    row = tx.execute(
        "SELECT instrument_id, customer_id, kind, is_attached FROM instrument"
        " WHERE instrument_id = ?",
        (instrument_id,),
    ).fetchone()
    return _instrument(row) if row else None


def verdict_for(
    tx: sqlite3.Connection, token: str, customer_id: str | None, *, off_session: bool
) -> Verdict:
    """Returns what a test token, or an instrument of the customer, leads to.

    Raises UnknownPaymentMethod; one that is kept for another customer is unknown too.
    """
    kept = find_instrument(tx, token)
    if kept is None or not kept.is_attached or kept.customer_id != customer_id:
        verdict = methods.verdict_of(token)
    else:
        verdict = methods.verdict_of(kept.kind)
    if verdict.needs_challenge and off_session:
        return Verdict(decline_code=_OFF_SESSION)
    return verdict


def make_instrument(tx: sqlite3.Connection, customer_id: str, kind: str, *, attached: bool) -> str:
    """Makes an instrument of a test token; it is kept once it is attached. Returns its id."""
    instrument_id = new_id("pm")
    tx.execute(
        "INSERT INTO instrument (instrument_id, customer_id, kind, is_attached)"
        " VALUES (?, ?, ?, ?)",
        (instrument_id, customer_id, kind, int(attached)),
    )
    return instrument_id


def keep_of_payment(tx: sqlite3.Connection, payment_id: str, customer_id: str, kind: str) -> None:
    """Has a payment keep its instrument; it is attached once the payment is authorized."""
    instrument_id = make_instrument(tx, customer_id, kind, attached=False)
    tx.execute(
        "INSERT INTO payment_instrument (payment_id, instrument_id) VALUES (?, ?)",
        (payment_id, instrument_id),
    )


def attach_of_payment(tx: sqlite3.Connection, payment_id: str) -> Instrument | None:
    """Keeps the instrument of a payment that is authorized, where it was asked to."""
    row = tx.execute(
        "SELECT instrument_id FROM payment_instrument WHERE payment_id = ?", (payment_id,)
    ).fetchone()
    if row is None:
        return None
    tx.execute("UPDATE instrument SET is_attached = 1 WHERE instrument_id = ?", (row[0],))
    return find_instrument(tx, row[0])


def detach(tx: sqlite3.Connection, instrument_id: str) -> None:
    """Forgets an instrument. Idempotent."""
    tx.execute("UPDATE instrument SET is_attached = 0 WHERE instrument_id = ?", (instrument_id,))


def create_set_up(
    tx: sqlite3.Connection,
    *,
    key: str,
    customer_id: str,
    token: str | None,
    return_url: str | None,
    challenge_base_url: str,
) -> SetUp:
    """Begins a set-up: without a token it is pending.

    Raises CustomerNotFound, UnknownPaymentMethod.
    """
    require_customer(tx, customer_id)
    made = SetUp(
        set_up_id=new_id("seti"),
        customer_id=customer_id,
        idempotency_key=key,
        status=SetUpStatus.PENDING,
        created_at=clock.iso(clock.now()),
        client_secret=new_secret("seti_secret"),
        return_url=return_url,
    )
    if token is not None:
        _confirm(tx, made, token, challenge_base_url)
    tx.execute(
        f"INSERT INTO set_up ({_FIELDS}) VALUES ({', '.join('?' * len(_FIELDS.split(',')))})",
        tuple(getattr(made, name.strip()) for name in _FIELDS.split(",")),
    )
    return made


def confirm_set_up(
    tx: sqlite3.Connection, set_up_id: str, token: str, challenge_base_url: str
) -> SetUp:
    """Gives a pending set-up its instrument, as a script in the buyer's browser does."""
    found = get_set_up(tx, set_up_id)
    if found.status is SetUpStatus.PENDING:
        _confirm(tx, found, token, challenge_base_url)
        _save(tx, found)
    return found


def cancel_set_up(tx: sqlite3.Connection, set_up_id: str) -> SetUp:
    """Cancels a set-up that is not done. Raises SetUpNotFound."""
    found = get_set_up(tx, set_up_id)
    if found.status in (SetUpStatus.PENDING, SetUpStatus.REQUIRES_ACTION):
        found.status, found.decline_code = SetUpStatus.DECLINED, "cancelled"
        _save(tx, found)
    return found


def resolve_set_up(tx: sqlite3.Connection, challenge_token: str, *, passes: bool) -> SetUp:
    """Ends the challenge of a set-up. Raises ChallengeNotFound."""
    found = set_up_by_challenge(tx, challenge_token)
    if found is None:
        raise ChallengeNotFound("no challenge has this token")
    if found.status is SetUpStatus.REQUIRES_ACTION:
        if passes:
            found.status = SetUpStatus.DONE
            tx.execute(
                "UPDATE instrument SET is_attached = 1 WHERE instrument_id = ?",
                (found.instrument_id,),
            )
        else:
            found.status, found.decline_code = SetUpStatus.DECLINED, AUTHENTICATION_FAILED
        _save(tx, found)
    return found


def set_up_by_challenge(tx: sqlite3.Connection, challenge_token: str) -> SetUp | None:
    """Returns the set-up of a challenge."""
    row = tx.execute(
        f"SELECT {_FIELDS} FROM set_up WHERE challenge_token = ?", (challenge_token,)
    ).fetchone()
    return _set_up(row) if row else None


def get_set_up(tx: sqlite3.Connection, set_up_id: str) -> SetUp:
    """Raises SetUpNotFound."""
    return _get(tx, "set_up_id", set_up_id)


def set_up_by_key(tx: sqlite3.Connection, key: str) -> SetUp:
    """Raises SetUpNotFound."""
    return _get(tx, "idempotency_key", key)


def _get(tx: sqlite3.Connection, column: str, value: str) -> SetUp:
    row = tx.execute(f"SELECT {_FIELDS} FROM set_up WHERE {column} = ?", (value,)).fetchone()
    if row is None:
        raise SetUpNotFound("no set-up has this id or key")
    return _set_up(row)


def _confirm(tx: sqlite3.Connection, made: SetUp, token: str, challenge_base_url: str) -> None:
    verdict = methods.verdict_of(token)
    if verdict.decline_code:
        made.status, made.decline_code = SetUpStatus.DECLINED, verdict.decline_code
        return
    needs_challenge = verdict.needs_challenge
    made.instrument_id = make_instrument(tx, made.customer_id, token, attached=not needs_challenge)
    made.status = SetUpStatus.REQUIRES_ACTION if needs_challenge else SetUpStatus.DONE
    if needs_challenge:
        made.challenge_token = new_secret("chl")
        made.challenge_url = f"{challenge_base_url}/challenges/{made.challenge_token}"


def _save(tx: sqlite3.Connection, found: SetUp) -> None:
    tx.execute(
        "UPDATE set_up SET status = ?, instrument_id = ?, decline_code = ?, challenge_token = ?,"
        " challenge_url = ? WHERE set_up_id = ?",
        (
            found.status,
            found.instrument_id,
            found.decline_code,
            found.challenge_token,
            found.challenge_url,
            found.set_up_id,
        ),
    )


def _instrument(row: sqlite3.Row) -> Instrument:
    return Instrument(row[0], row[1], row[2], bool(row[3]))


def _set_up(row: sqlite3.Row) -> SetUp:
    found = SetUp(*row)
    found.status = SetUpStatus(found.status)
    return found
