"""Logging in: by a password, or by the link of a mail.

An address has at most one account that confirmed it (a customer's or a member of staff's) and any number that did not. A password is
verified for the first and for the newest of the others, or for a dummy in place of either: always two, whatever there is.
"""

import math
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from chassis.clock import real_now
from chassis.db import Database, Read, Tx
from identity import attempts, credentials, customers, devices, mail_links, metrics, staff
from identity.attempts import Lockout, Origin
from identity.credentials import Credential, SubjectKind, UnconfirmedCredential
from identity.devices import DeviceToken
from identity.errors import LoginLinkInvalid, LoginLinkRequired, PasswordsBusy, TooManyAttempts, WrongCredentials
from identity.mail_links import VALID_SECONDS, Purpose
from identity.passwords import Hasher
from identity.tokens import Mint, Opened
from sojourn.identity.v1.events_pb2 import CustomerLoggedIn, LoginLinkRequested


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A password for an address, and where it comes from. `network_digest` stands for the network of a device that is not known."""

    email_digest: bytes
    password: str = field(repr=False)
    network_digest: bytes
    device: DeviceToken | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A right password. `newer_hash` replaces the stored one, where that was made with older parameters."""

    credential: Credential | UnconfirmedCredential = field(repr=False)
    origin: Origin = field(repr=False)
    newer_hash: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class _Accounts:
    """The accounts of an address that the password may belong to, and which of them logged in on the device before."""

    confirmed: Credential | None
    unconfirmed: UnconfirmedCredential | None
    known: frozenset[UUID]
    is_over_budget: bool

    @property
    def is_known(self) -> bool:
        return bool(self.known)

    @property
    def is_known_to_confirmed(self) -> bool:
        return self.confirmed is not None and self.confirmed.subject_id in self.known

    def may_be(self, credential: Credential | UnconfirmedCredential | None) -> bool:
        """Whether a login may be into an account: beyond the budget only into one that the device is known to."""
        return credential is not None and (not self.is_over_budget or credential.subject_id in self.known)


async def prove(database: Database, hasher: Hasher, lockout: Lockout, attempt: LoginAttempt) -> Proof:
    """Checks a password. Answers and takes as long for an address without an account as for one with.

    The lock is read, and a failure is written, in a slot of the hasher: of many guesses at once, only as many as there are slots can be
    over the limit. Opens short transactions of its own, because a failure must be counted although the call fails; no connection is held
    while a password is hashed. Raises WrongCredentials, TooManyAttempts, LoginLinkRequired, PasswordsBusy.
    """
    try:
        async with hasher.slot():
            return await _prove(database, hasher, lockout, attempt)
    except PasswordsBusy:
        metrics.logins.labels("busy").inc()
        raise


async def _prove(database: Database, hasher: Hasher, lockout: Lockout, attempt: LoginAttempt) -> Proof:
    async with database.read() as read:
        accounts = await _find_accounts(read, lockout, attempt)
        is_device = accounts.is_known and attempt.device is not None
        origin = Origin(attempt.email_digest, attempt.device.device_id.bytes if is_device and attempt.device else attempt.network_digest)
        locked_seconds = await attempts.locked_seconds(read, origin, real_now())
    if locked_seconds:
        metrics.logins.labels("locked").inc()
        raise TooManyAttempts(retry_after_seconds=math.ceil(locked_seconds))
    if accounts.is_over_budget and not accounts.is_known:
        await _mail_login_link(database, attempt.email_digest, accounts.confirmed)
        metrics.logins.labels("link_required").inc()
        raise LoginLinkRequired(
            "too many wrong passwords came from devices that are not known: if there is an account, a mail with a link that logs in was"
            " sent to its address"
        )
    credential = await _verify(hasher, accounts, attempt.password)
    if credential is None:
        async with database.tx() as tx:
            counts_for_account = not accounts.is_known_to_confirmed
            await attempts.record_failure(tx, origin, lockout, real_now(), counts_for_account=counts_for_account)
        metrics.logins.labels("wrong_credentials").inc()
        raise WrongCredentials("the e-mail address or the password is wrong")
    if hasher.is_outdated(credential.password_hash):
        return Proof(credential, origin, await hasher.hash(attempt.password))
    return Proof(credential, origin)


async def _find_accounts(read: Read, lockout: Lockout, attempt: LoginAttempt) -> _Accounts:
    confirmed = await credentials.by_digest(read, attempt.email_digest)
    unconfirmed = await credentials.newest_unconfirmed(read, attempt.email_digest)
    subjects = {credential.subject_id for credential in (confirmed, unconfirmed) if credential}
    known = await devices.accounts_of(read, attempt.device, real_now()) & subjects
    return _Accounts(confirmed, unconfirmed, known, await attempts.is_over_budget(read, attempt.email_digest, lockout, real_now()))


async def _verify(hasher: Hasher, accounts: _Accounts, password: str) -> Credential | UnconfirmedCredential | None:
    """The account that the password opens. Verifies two hashes in any case."""
    found: list[Credential | UnconfirmedCredential] = []
    for credential in (accounts.confirmed, accounts.unconfirmed):
        may_be = accounts.may_be(credential)
        if await hasher.verify(credential.password_hash if credential and may_be else None, password) and credential:
            found.append(credential)
    return found[0] if found else None


async def _mail_login_link(database: Database, email_digest: bytes, account: Credential | None) -> None:
    """Asks for a mail with a link, where there is an account and none was asked for lately."""
    now = real_now()
    async with database.tx() as tx:
        if not await mail_links.may_mail(tx, email_digest, Purpose.LOG_IN, now) or account is None:
            return
        contact = await credentials.contact_of(tx, account)
        if contact is None:
            return
        token = await mail_links.make_link(tx, Purpose.LOG_IN, account.subject_id, now)
        event = LoginLinkRequested(
            subject_id=str(account.subject_id), email=contact.email, token=token, locale=contact.locale, channel=contact.channel,
            valid_seconds=VALID_SECONDS[Purpose.LOG_IN],
        )  # fmt: skip
        await tx.emit(event, key=account.subject_id)


async def log_in(tx: Tx, proof: Proof, mint: Mint, *, guest_id: UUID | None, device: DeviceToken | None) -> Opened:
    """Opens a session for a proved password, and makes the device known. A customer's guest is recorded as theirs, unless it is another's."""
    await attempts.forget_failures(tx, proof.origin)
    if proof.newer_hash is not None:
        await credentials.rehash(tx, proof.credential, proof.newer_hash)
    opened = await _open_session(tx, proof.credential.kind, proof.credential.subject_id, mint, guest_id=guest_id, device=device)
    metrics.logins.labels("succeeded").inc()
    return opened


async def log_in_with_link(tx: Tx, token: str, mint: Mint, *, guest_id: UUID | None, device: DeviceToken | None) -> Opened:
    """Opens a session by the token of a mail, once, and makes the device known. Raises LoginLinkInvalid."""
    subject_id = await mail_links.use_link(tx, Purpose.LOG_IN, token, real_now())
    credential = await credentials.by_subject(tx, subject_id) if subject_id else None
    if not isinstance(credential, Credential):
        raise LoginLinkInvalid("the link is not good, too old, or was used before: log in again to get another")
    opened = await _open_session(tx, credential.kind, credential.subject_id, mint, guest_id=guest_id, device=device)
    metrics.logins.labels("succeeded").inc()
    return opened


async def _open_session(
    tx: Tx, kind: SubjectKind, subject_id: UUID, mint: Mint, *, guest_id: UUID | None, device: DeviceToken | None
) -> Opened:  # fmt: skip
    scopes: frozenset[str] = frozenset()
    if kind is SubjectKind.STAFF:
        scopes = await staff.scopes_of(tx, subject_id) or frozenset()
    else:
        await _record_customer_login(tx, subject_id, guest_id)
    session, refresh_token = mint.new_session(kind, subject_id, channel="")
    await tx.insert(session)
    known = await devices.remember(tx, device, subject_id, real_now() + timedelta(seconds=mint.device_seconds))
    return mint.opened(session, refresh_token, scopes, device_token=known.text)


async def _record_customer_login(tx: Tx, customer_id: UUID, guest_id: UUID | None) -> None:
    await customers.record_login(tx, customer_id)
    is_theirs = guest_id is not None and await customers.link_guest(tx, customer_id, guest_id)
    await tx.emit(CustomerLoggedIn(customer_id=str(customer_id), guest_id=str(guest_id) if is_theirs else ""), key=customer_id)
