"""Logging in: by a password, or by the link of a mail.

An address has at most one account that confirmed it (a customer's or a member of staff's) and any number that did not. The passwords of the
others have one salt, so that one hash of the typed password finds the account that it belongs to, whoever registered before or after. Three
hashes are made whatever there is: for the confirmed account, for the others, and for others with older parameters; a dummy replaces what is
not there. Only an address whose accounts have parameters of three releases takes more.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from chassis.data.database import Database
from chassis.data.tx import Read, Tx
from chassis.runtime.clock import real_now, uuid7
from identity import metrics
from identity.credentials import model as credentials
from identity.credentials.model import Credential, SubjectKind, UnconfirmedCredential
from identity.credentials.passwords import LONGEST, Hasher
from identity.customers import model as customers
from identity.devices import model as devices
from identity.devices.model import DeviceToken
from identity.errors import LoginLinkInvalid, LoginLinkRequired, PasswordsBusy, TooManyAttempts, WrongCredentials
from identity.logins import failures as attempts
from identity.logins.failures import Lockout, Origin
from identity.mail_links import model as mail_links
from identity.mail_links.model import VALID_SECONDS, Purpose
from identity.registrations import actions as registering
from identity.sessions.tokens import Mint, Opened
from identity.staff import model as staff
from sojourn.identity.v1.events_pb2 import CustomerLoggedIn, LoginLinkRequested


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A password for an address, and where it comes from.

    `network_digest` stands for the network of a device that is not known. `salt` is that of unconfirmed accounts of the address.
    """

    email_digest: bytes
    password: str = field(repr=False)
    network_digest: bytes
    salt: bytes = field(repr=False)
    device: DeviceToken | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A right password. `newer_hash` replaces the stored one, where that was made with older parameters."""

    credential: Credential | UnconfirmedCredential = field(repr=False)
    origin: Origin = field(repr=False)
    newer_hash: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class _Accounts:
    """The accounts of an address: the confirmed one, those that logged in on the device before, and samples of older unconfirmed hashes."""

    confirmed: Credential | None
    known: frozenset[UUID]
    older_samples: tuple[str, ...]
    is_over_budget: bool

    @property
    def is_known(self) -> bool:
        return bool(self.known)

    @property
    def is_known_to_confirmed(self) -> bool:
        return self.confirmed is not None and self.confirmed.subject_id in self.known

    @property
    def needs_link(self) -> bool:
        """Whether no password logs in: too many were wrong, and the device is known to no account of the address."""
        return self.is_over_budget and not self.is_known


@dataclass(frozen=True, slots=True)
class _Match:
    """The account that a password belongs to. `newer_hash` is the password's under the salt and parameters of today, where it has others."""

    credential: Credential | UnconfirmedCredential = field(repr=False)
    newer_hash: str | None = field(repr=False, default=None)


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
        accounts = await _find_accounts(read, hasher, lockout, attempt)
        is_device = accounts.is_known and attempt.device is not None
        origin = Origin(attempt.email_digest, attempt.device.device_id.bytes if is_device and attempt.device else attempt.network_digest)
        locked_seconds = await attempts.locked_seconds(read, origin, real_now())
    if locked_seconds:
        metrics.logins.labels("locked").inc()
        raise TooManyAttempts(retry_after_seconds=math.ceil(locked_seconds))
    match = await _match_password(database, hasher, accounts, attempt)
    if accounts.needs_link:
        await _mail_link(database, attempt.email_digest, accounts, match)
        metrics.logins.labels("link_required").inc()
        raise LoginLinkRequired(
            "too many wrong passwords came from devices that are not known: if there is an account, a mail with a link was sent to its"
            " address; the link logs in, or confirms the address of an account that has not done so"
        )
    if match is None:
        async with database.tx() as tx:
            counts_for_account = not accounts.is_known_to_confirmed
            await attempts.record_failure(tx, origin, lockout, real_now(), counts_for_account=counts_for_account)
        metrics.logins.labels("wrong_credentials").inc()
        raise WrongCredentials("the e-mail address or the password is wrong")
    if isinstance(match.credential, Credential) and hasher.is_outdated(match.credential.password_hash):
        return Proof(match.credential, origin, await hasher.hash(attempt.password))
    return Proof(match.credential, origin, match.newer_hash)


async def _find_accounts(read: Read, hasher: Hasher, lockout: Lockout, attempt: LoginAttempt) -> _Accounts:
    confirmed = await credentials.by_digest(read, attempt.email_digest)
    samples = await credentials.samples_of_unconfirmed(read, attempt.email_digest)
    of_device = await devices.accounts_of(read, attempt.device, real_now())
    known = await credentials.unconfirmed_among(read, attempt.email_digest, of_device)
    if confirmed is not None:
        known |= of_device & {confirmed.subject_id}
    older = tuple(sample for sample in samples if hasher.is_outdated(sample, salt=attempt.salt))
    return _Accounts(confirmed, known, older, await attempts.is_over_budget(read, attempt.email_digest, lockout, real_now()))


async def _match_password(database: Database, hasher: Hasher, accounts: _Accounts, attempt: LoginAttempt) -> _Match | None:
    """The account that the password belongs to; beyond the budget one that the device is known to, unless it is known to none.

    Makes three hashes and one query in any case.
    """
    if len(attempt.password) > LONGEST:
        return None
    confirmed = accounts.confirmed
    if confirmed is not None and accounts.is_over_budget and not accounts.is_known_to_confirmed:
        confirmed = None
    is_confirmed = await hasher.verify(confirmed.password_hash if confirmed else None, attempt.password)
    current = await hasher.hash(attempt.password, salt=attempt.salt)
    older = [await hasher.hash_like(sample, attempt.password) for sample in accounts.older_samples]
    if not older:
        await hasher.hash(attempt.password, salt=attempt.salt)
    async with database.read() as read:
        only_known = accounts.is_over_budget and accounts.is_known
        unconfirmed = await credentials.find_unconfirmed(
            read, attempt.email_digest, [current, *older], known=accounts.known, only_known=only_known
        )
    if confirmed is not None and is_confirmed:
        return _Match(confirmed)
    if unconfirmed is None:
        return None
    return _Match(unconfirmed, None if unconfirmed.password_hash == current else current)


async def _mail_link(database: Database, email_digest: bytes, accounts: _Accounts, match: _Match | None) -> None:
    """Asks for a mail with a link to the address, unless its limit is reached.

    The link logs in to the confirmed account. Where there is none, it confirms the account that the password belongs to: mailbox and password
    together bind an address, and the mailbox alone must not lead into an account that a stranger made. Where there is neither, the same rows
    are written, and the event has no address, which mails nobody: the time must not tell.
    """
    now = real_now()
    async with database.tx() as tx:
        if accounts.confirmed is None and match is not None:
            await _mail_confirmation(tx, match.credential.subject_id, now)
            return
        pause_seconds = await mail_links.claim_mail(tx, email_digest, Purpose.LOG_IN, now)
        if pause_seconds is None:
            return
        subject_id = accounts.confirmed.subject_id if accounts.confirmed else uuid7()
        contact = await credentials.contact_of(tx, accounts.confirmed.kind if accounts.confirmed else SubjectKind.CUSTOMER, subject_id)
        # A link is good until the next may be asked for: a stranger who uses up the links of a day leaves a good one in the mailbox.
        valid_seconds = max(VALID_SECONDS[Purpose.LOG_IN], pause_seconds)
        token = await mail_links.make_link(tx, Purpose.LOG_IN, subject_id, now, valid_seconds=valid_seconds)
        event = LoginLinkRequested(subject_id=str(subject_id), token=token, valid_seconds=valid_seconds)
        if contact is not None:
            event.email, event.locale, event.channel = contact.email, contact.locale, contact.channel
        await tx.emit(event, key=subject_id)


async def _mail_confirmation(tx: Tx, customer_id: UUID, now: datetime) -> None:
    """Asks for a confirmation mail, within the limit of the customer's own."""
    if await mail_links.claim_mail(tx, customer_id.bytes, Purpose.CONFIRM_EMAIL, now) is None:
        return
    customer = await customers.of(tx, customer_id)
    token = await mail_links.make_link(tx, Purpose.CONFIRM_EMAIL, customer_id, now)
    await tx.emit(registering.confirmation_requested(customer, token), key=customer_id)


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
