"""Use cases of a login: by a password, or by the link of a mail.

An address has at most one account that confirmed it (a customer's or a staff member's) and any
number of accounts that did not. The passwords of the latter have one salt, so one hash of the typed
password finds its account, whoever registered before or after. A login makes three hashes in any
case: for the confirmed account, for the others, and for others with older parameters. A dummy
replaces a missing hash. Only an address whose accounts have parameters of three releases takes
more.
"""

import math
from dataclasses import dataclass, field
from uuid import UUID

from chassis.data.database import Database
from chassis.data.tx import Read, Tx
from chassis.runtime.clock import real_now, uuid7
from identity import metrics
from identity.credentials.actions import store_newer_hash
from identity.credentials.model import Credential, SubjectKind, UnconfirmedCredential
from identity.credentials.passwords import MAX_LENGTH, Hasher
from identity.credentials.queries import (
    filter_unconfirmed_customers,
    find_contact,
    find_unconfirmed_credential,
    get_confirmed_credential,
    get_credential_of_subject,
    sample_unconfirmed_hashes,
)
from identity.customers.actions import link_guest, record_login
from identity.devices.model import DeviceToken
from identity.devices.queries import list_subjects_of_device
from identity.errors import (
    LoginLinkInvalid,
    LoginLinkRequired,
    PasswordsBusy,
    TooManyAttempts,
    WrongCredentials,
)
from identity.logins.events import customer_logged_in, login_link_requested
from identity.logins.failures import clear_failures, record_failure
from identity.logins.model import Lockout, LoginAttempt, LoginOrigin, VerifiedPassword
from identity.logins.queries import get_locked_seconds, is_over_budget
from identity.mail_links.actions import claim_mail, create_mail_link, use_mail_link
from identity.mail_links.model import VALID_SECONDS, MailPurpose
from identity.registrations.actions import repeat_confirmation
from identity.sessions.actions import open_session
from identity.sessions.model import Subject
from identity.sessions.tokens import SessionTokens, TokenIssuer
from identity.staff.queries import get_staff_scopes


@dataclass(frozen=True, slots=True)
class _Accounts:
    """The accounts of an address.

    These are the confirmed one, those that logged in on the device before, and samples of
    unconfirmed hashes with older parameters.
    """

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
        """Whether no password logs in.

        That is so once the budget is spent, for a device that no account of the address knows.
        """
        return self.is_over_budget and not self.is_known


@dataclass(frozen=True, slots=True)
class _Match:
    """The account of a password.

    `newer_hash` is the hash under today's salt and parameters, if the stored one has others.
    """

    credential: Credential | UnconfirmedCredential = field(repr=False)
    newer_hash: str | None = field(repr=False, default=None)


async def verify_password(
    database: Database, hasher: Hasher, lockout: Lockout, attempt: LoginAttempt
) -> VerifiedPassword:
    """Verifies the password of a login, and counts a failure.

    Answers alike, and takes as long, for an address with and without an account. The lock is read
    and a failure is written in a slot of the hasher: of many concurrent guesses at most as many as
    there are slots exceed the limit. Opens short transactions of its own, because a failure must be
    counted although the call fails; no connection is held while a password is hashed. Raises
    WrongCredentials, TooManyAttempts, LoginLinkRequired, PasswordsBusy.
    """
    try:
        async with hasher.slot():
            return await _verify_in_slot(database, hasher, lockout, attempt)
    except PasswordsBusy:
        metrics.logins.labels("busy").inc()
        raise


async def _verify_in_slot(
    database: Database, hasher: Hasher, lockout: Lockout, attempt: LoginAttempt
) -> VerifiedPassword:
    async with database.read() as read:
        accounts = await _find_accounts(read, hasher, lockout, attempt)
        is_device = accounts.is_known and attempt.device is not None
        digest = (
            attempt.device.device_id.bytes
            if is_device and attempt.device
            else attempt.network_digest
        )
        origin = LoginOrigin(attempt.email_digest, digest)
        locked_seconds = await get_locked_seconds(read, origin, real_now())
    if locked_seconds:
        metrics.logins.labels("locked").inc()
        raise TooManyAttempts(retry_after_seconds=math.ceil(locked_seconds))
    match = await _match_password(database, hasher, accounts, attempt)
    if accounts.needs_link:
        await _mail_link(database, attempt.email_digest, accounts, match)
        metrics.logins.labels("link_required").inc()
        raise LoginLinkRequired(
            "too many wrong passwords came from unknown devices: if there is an account, a mail "
            "with a link was sent to its address; the"
            " link logs in, or confirms the address of an account that has not done so"
        )
    if match is None:
        async with database.tx() as tx:
            counts_for_account = not accounts.is_known_to_confirmed
            await record_failure(
                tx, origin, lockout, real_now(), counts_for_account=counts_for_account
            )
        metrics.logins.labels("wrong_credentials").inc()
        raise WrongCredentials("the e-mail address or the password is wrong")
    if isinstance(match.credential, Credential) and hasher.is_outdated(
        match.credential.password_hash
    ):
        return VerifiedPassword(match.credential, origin, await hasher.hash(attempt.password))
    return VerifiedPassword(match.credential, origin, match.newer_hash)


async def _find_accounts(
    read: Read, hasher: Hasher, lockout: Lockout, attempt: LoginAttempt
) -> _Accounts:
    confirmed = await get_confirmed_credential(read, attempt.email_digest)
    samples = await sample_unconfirmed_hashes(read, attempt.email_digest)
    of_device = await list_subjects_of_device(read, attempt.device, real_now())
    known = await filter_unconfirmed_customers(read, attempt.email_digest, of_device)
    if confirmed is not None:
        known |= of_device & {confirmed.subject_id}
    older = tuple(sample for sample in samples if hasher.is_outdated(sample, salt=attempt.salt))
    return _Accounts(
        confirmed,
        known,
        older,
        await is_over_budget(read, attempt.email_digest, lockout, real_now()),
    )


async def _match_password(
    database: Database, hasher: Hasher, accounts: _Accounts, attempt: LoginAttempt
) -> _Match | None:
    """Returns the account of the password. It makes three hashes and one query in any case.

    Beyond the budget only accounts that know the device match, if there are any.
    """
    if len(attempt.password) > MAX_LENGTH:
        return None
    confirmed = accounts.confirmed
    if confirmed is not None and accounts.is_over_budget and not accounts.is_known_to_confirmed:
        confirmed = None
    is_confirmed = await hasher.verify(
        confirmed.password_hash if confirmed else None, attempt.password
    )
    current = await hasher.hash(attempt.password, salt=attempt.salt)
    older = [await hasher.hash_like(sample, attempt.password) for sample in accounts.older_samples]
    if not older:
        await hasher.hash(attempt.password, salt=attempt.salt)
    async with database.read() as read:
        only_known = accounts.is_over_budget and accounts.is_known
        unconfirmed = await find_unconfirmed_credential(
            read,
            attempt.email_digest,
            [current, *older],
            known=accounts.known,
            only_known=only_known,
        )
    if confirmed is not None and is_confirmed:
        return _Match(confirmed)
    if unconfirmed is None:
        return None
    return _Match(unconfirmed, None if unconfirmed.password_hash == current else current)


async def _mail_link(
    database: Database, email_digest: bytes, accounts: _Accounts, match: _Match | None
) -> None:
    """Asks for a mail with a link to the address, unless its limit is reached.

    The link logs in to the confirmed account. Without one, it confirms the account of the password:
    mailbox and password together bind an address, and the mailbox alone must not lead into an
    account that a stranger made. Without either, the same rows are written and the event has no
    address, so no mail is sent: the time must not tell.
    """
    now = real_now()
    async with database.tx() as tx:
        if accounts.confirmed is None and match is not None:
            await repeat_confirmation(tx, match.credential.subject_id, now)
            return
        pause_seconds = await claim_mail(tx, email_digest, MailPurpose.LOG_IN, now)
        if pause_seconds is None:
            return
        subject_id = accounts.confirmed.subject_id if accounts.confirmed else uuid7()
        contact = await find_contact(
            tx, accounts.confirmed.kind if accounts.confirmed else SubjectKind.CUSTOMER, subject_id
        )
        # A link is good until the next one may be requested: a stranger who uses up the links of a
        # day leaves a good one in the mailbox.
        valid_seconds = max(VALID_SECONDS[MailPurpose.LOG_IN], pause_seconds)
        token = await create_mail_link(
            tx, MailPurpose.LOG_IN, subject_id, now, valid_seconds=valid_seconds
        )
        await tx.emit(
            login_link_requested(subject_id, contact, token, valid_seconds=valid_seconds),
            key=subject_id,
        )


async def login(
    tx: Tx,
    verified: VerifiedPassword,
    issuer: TokenIssuer,
    *,
    guest_id: UUID | None,
    device: DeviceToken | None,
) -> SessionTokens:
    """Opens a session for a verified password and makes the device known.

    Emits CustomerLoggedIn. Links the guest to the customer, unless the guest is another customer's.
    """
    await clear_failures(tx, verified.origin)
    if verified.newer_hash is not None:
        await store_newer_hash(tx, verified.credential, verified.newer_hash)
    return await _open_session(tx, verified.credential, issuer, guest_id=guest_id, device=device)


async def login_with_link(
    tx: Tx, token: str, issuer: TokenIssuer, *, guest_id: UUID | None, device: DeviceToken | None
) -> SessionTokens:
    """Opens a session by the token of a mail, once, and makes the device known.

    Emits CustomerLoggedIn. Raises LoginLinkInvalid.
    """
    subject_id = await use_mail_link(tx, MailPurpose.LOG_IN, token, real_now())
    credential = await get_credential_of_subject(tx, subject_id) if subject_id else None
    if not isinstance(credential, Credential):
        raise LoginLinkInvalid("the link is unknown, expired or used: log in again to get another")
    return await _open_session(tx, credential, issuer, guest_id=guest_id, device=device)


async def _open_session(
    tx: Tx,
    credential: Credential | UnconfirmedCredential,
    issuer: TokenIssuer,
    *,
    guest_id: UUID | None,
    device: DeviceToken | None,
) -> SessionTokens:
    scopes: frozenset[str] = frozenset()
    if credential.kind is SubjectKind.STAFF:
        scopes = await get_staff_scopes(tx, credential.subject_id) or frozenset()
    else:
        await _record_customer_login(tx, credential.subject_id, guest_id)
    tokens = await open_session(
        tx, Subject(credential.kind, credential.subject_id, scopes), issuer, device=device
    )
    metrics.logins.labels("succeeded").inc()
    return tokens


async def _record_customer_login(tx: Tx, customer_id: UUID, guest_id: UUID | None) -> None:
    if not await record_login(tx, customer_id):
        raise WrongCredentials("the account was erased meanwhile")
    is_linked = guest_id is not None and await link_guest(tx, customer_id, guest_id)
    await tx.emit(customer_logged_in(customer_id, guest_id if is_linked else None), key=customer_id)
