"""Logging in: proving a password, then opening a session."""

import math
from dataclasses import dataclass, field
from uuid import UUID

from chassis.clock import real_now
from chassis.db import Database, Tx
from identity import attempts, credentials, customers, metrics, staff
from identity.attempts import Lockout
from identity.credentials import Credential, SubjectKind
from identity.errors import PasswordsBusy, TooManyAttempts, WrongCredentials
from identity.passwords import Hasher
from identity.tokens import Mint, Opened
from sojourn.identity.v1.events_pb2 import CustomerLoggedIn


@dataclass(frozen=True, slots=True)
class Proof:
    """A right password. `newer_hash` replaces the stored one, where that was made with older parameters."""

    credential: Credential = field(repr=False)
    newer_hash: str | None = field(repr=False, default=None)


async def prove(database: Database, hasher: Hasher, lockout: Lockout, *, email_digest: bytes, password: str) -> Proof:
    """Checks a password. Takes as long for an unknown account as for a known one.

    The lock is read, and a failure is written, in a slot of the hasher: of many guesses at once, only as many as there are slots can be
    over the limit. Opens short transactions of its own, because a failure must be counted although the call fails; no connection is held
    while a password is hashed. Raises WrongCredentials, TooManyAttempts, PasswordsBusy.
    """
    try:
        async with hasher.slot():
            return await _prove(database, hasher, lockout, email_digest, password)
    except PasswordsBusy:
        metrics.logins.labels("busy").inc()
        raise


async def _prove(database: Database, hasher: Hasher, lockout: Lockout, email_digest: bytes, password: str) -> Proof:
    async with database.read() as read:
        locked_seconds = await attempts.locked_seconds(read, email_digest, real_now())
        credential = await credentials.by_digest(read, email_digest)
    if locked_seconds:
        metrics.logins.labels("locked").inc()
        raise TooManyAttempts(retry_after_seconds=math.ceil(locked_seconds))
    is_right = await hasher.verify(credential.password_hash if credential else None, password)
    if not is_right or credential is None:
        async with database.tx() as tx:
            await attempts.record_failure(tx, email_digest, lockout, real_now())
        metrics.logins.labels("wrong_credentials").inc()
        raise WrongCredentials("the e-mail address or the password is wrong")
    if hasher.is_outdated(credential.password_hash):
        return Proof(credential, await hasher.hash(password))
    return Proof(credential)


async def log_in(tx: Tx, proof: Proof, mint: Mint, *, guest_id: UUID | None) -> Opened:
    """Opens a session of whoever proved their password. A customer's guest is recorded as theirs, unless it is somebody else's.

    Raises WrongCredentials where they are gone meanwhile.
    """
    credential = proof.credential
    await attempts.forget(tx, credential.email_digest)
    if proof.newer_hash is not None:
        await credentials.rehash(tx, credential, proof.newer_hash)
    scopes: frozenset[str] = frozenset()
    if credential.kind is SubjectKind.STAFF:
        scopes = await staff.scopes_of(tx, credential.subject_id) or frozenset()
    else:
        await _note_customer(tx, credential.subject_id, guest_id)
    session, refresh_token = mint.new_session(credential.kind, credential.subject_id, channel="")
    await tx.insert(session)
    metrics.logins.labels("succeeded").inc()
    return mint.opened(session, refresh_token, scopes)


async def _note_customer(tx: Tx, customer_id: UUID, guest_id: UUID | None) -> None:
    await customers.note_login(tx, customer_id)
    is_theirs = guest_id is not None and await customers.link_guest(tx, customer_id, guest_id)
    await tx.emit(CustomerLoggedIn(customer_id=str(customer_id), guest_id=str(guest_id) if is_theirs else ""), key=customer_id)
