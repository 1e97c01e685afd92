"""Use cases of a registration: a customer registers, and confirms the e-mail address.

A registration answers alike whether or not an account has the address. Only mails to the address
differ.

A confirmation needs two proofs: a mailed token proves the mailbox; a session or the password proves
the account. An attacker may register with a victim's address and wait for the victim to follow the
link, so the mailbox alone must not bind the address to an account whose password another person
knows.
"""

import math
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Text, bindparam, delete, func
from sqlmodel import col, select

from chassis.data.database import Database
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.email_addresses import parse_email
from chassis.rpc.errors import KeyReused
from chassis.runtime.clock import real_now, uuid7
from identity import metrics
from identity.credentials.actions import claim_email
from identity.credentials.model import UnconfirmedCredential
from identity.credentials.passwords import Hasher
from identity.credentials.queries import (
    find_contact,
    get_confirmed_credential,
    get_credential_of_subject,
    get_unconfirmed_credential,
)
from identity.customers.actions import add_address, link_guest
from identity.customers.model import Customer
from identity.customers.queries import get_customer, lock_customer
from identity.errors import ConfirmationSentRecently, EmailTaken, WrongCredentials
from identity.mail_links.actions import claim_mail, create_mail_link
from identity.mail_links.model import MailPurpose
from identity.mail_links.queries import next_mail_at
from identity.registrations.events import (
    customer_registered,
    email_confirmation_requested,
    email_confirmed,
    known_email_registered,
)
from identity.registrations.model import NewCustomer, Registration
from identity.registrations.queries import find_registered_customer
from identity.sessions.actions import open_session
from identity.sessions.model import Subject
from identity.sessions.tokens import SessionTokens, TokenIssuer

# The seed of the hash that names a key's advisory lock. It keeps this lock apart from other locks
# on the same text.
_LOCK_SEED: Final = 11
_LOCK_KEY: Final = prepare(
    select(
        func.pg_advisory_xact_lock(
            func.hashtextextended(bindparam("key", type_=Text()), _LOCK_SEED)
        )
    )
)
_DELETE_OLD: Final = prepare(
    delete(Registration).where(col(Registration.created_at) < bindparam("before"))
)


async def register(
    tx: Tx, new: NewCustomer, password_hash: str, issuer: TokenIssuer
) -> SessionTokens:
    """Creates a customer with an unconfirmed e-mail address and opens the first session.

    Idempotent by key: a repeat opens another session of the same account. Emits CustomerRegistered
    and, within the limit of mails, EmailConfirmationRequested or KnownEmailRegistered. Raises
    KeyReused.
    """
    if new.key:
        # One registration per key at a time, until the transaction ends.
        await tx.execute(_LOCK_KEY, key=new.key)
        customer_id = await find_registered_customer(tx, new.key, new.fingerprint)
        if customer_id is not None:
            return await open_session(
                tx, Subject.customer(customer_id), issuer, channel=new.channel, device=new.device
            )
    customer, now = _customer(tx, new), real_now()
    await tx.insert(customer)
    await tx.insert(
        UnconfirmedCredential(
            customer_id=customer.id,
            email_digest=new.email_digest,
            password_hash=password_hash,
            changed_at=now,
        )
    )
    if new.address is not None:
        await add_address(tx, customer.id, new.address, is_default=True)
    registration = Registration(
        idempotency_key=new.key,
        fingerprint=new.fingerprint,
        customer_id=customer.id,
        created_at=now,
    )
    if new.key and not await tx.insert_new(registration):
        raise KeyReused("this key came with another request before")
    is_linked = new.guest_id is not None and await link_guest(tx, customer.id, new.guest_id)
    await tx.emit(
        customer_registered(customer, new.guest_id if is_linked else None), key=customer.id
    )
    # Counted in any case: the time of a refused resend must not tell how many others registered
    # with the address.
    await claim_mail(tx, customer.id.bytes, MailPurpose.CONFIRM_EMAIL, now)
    if await claim_mail(tx, new.email_digest, MailPurpose.REGISTRATION, now) is not None:
        await _request_confirmation(tx, customer, new.email_digest, now)
    metrics.registrations.inc()
    return await open_session(
        tx, Subject.customer(customer.id), issuer, channel=new.channel, device=new.device
    )


def _customer(tx: Tx, new: NewCustomer) -> Customer:
    return Customer(
        id=uuid7(),
        email=new.email,
        email_confirmed_at=None,
        first_name=new.first_name,
        last_name=new.last_name,
        locale=new.locale,
        channel=new.channel,
        created_at=tx.now,
    )


async def verify_account(
    database: Database, hasher: Hasher, customer_id: UUID, password: str
) -> None:
    """Verifies a customer's password. Raises WrongCredentials, PasswordsBusy.

    Failures are not counted: only the holder of a mailed token gets here.
    """
    async with database.read() as read:
        credential = await get_credential_of_subject(read, customer_id)
    async with hasher.slot():
        if not await hasher.verify(credential.password_hash if credential else None, password):
            raise WrongCredentials("confirm with the account's password, or logged in to it")


async def confirm_email(tx: Tx, customer_id: UUID) -> datetime:
    """Binds the address to the customer and returns the time of it. Idempotent.

    Emits EmailConfirmed. Raises CustomerNotFound, EmailTaken.
    """
    customer = await lock_customer(tx, customer_id)
    if customer.email_confirmed_at is not None:
        return customer.email_confirmed_at
    credential = await get_unconfirmed_credential(tx, customer_id)
    if credential is None or not await claim_email(tx, credential.confirmed()):
        raise EmailTaken("another account confirmed this address first")
    await tx.delete(credential)
    customer.email_confirmed_at = tx.now
    await tx.update(customer)
    await tx.emit(email_confirmed(customer), key=customer.id)
    metrics.confirmations.inc()
    return customer.email_confirmed_at


async def resend_confirmation(tx: Tx, customer_id: UUID) -> None:
    """Asks for another confirmation mail, unless the address is confirmed.

    Emits EmailConfirmationRequested or KnownEmailRegistered. Raises CustomerNotFound,
    ConfirmationSentRecently.
    """
    customer, now = await lock_customer(tx, customer_id), real_now()
    if customer.email_confirmed_at is not None:
        return
    # Counted by customer, not by address: others who register with the address must not use up this
    # customer's mails.
    if await claim_mail(tx, customer.id.bytes, MailPurpose.CONFIRM_EMAIL, now) is None:
        left = await next_mail_at(tx, customer.id.bytes, MailPurpose.CONFIRM_EMAIL, now) - now
        raise ConfirmationSentRecently(
            "a confirmation mail was sent a moment ago: look into the mailbox, or try again later",
            retry_after_seconds=max(1, math.ceil(left.total_seconds())),
        )
    await _request_confirmation(tx, customer, parse_email(customer.email).digest, now)


async def repeat_confirmation(tx: Tx, customer_id: UUID, now: datetime) -> None:
    """Asks for another confirmation mail within the customer's limit.

    Emits EmailConfirmationRequested.
    """
    if await claim_mail(tx, customer_id.bytes, MailPurpose.CONFIRM_EMAIL, now) is None:
        return
    await _mail_confirmation(tx, await get_customer(tx, customer_id), now)


async def _request_confirmation(
    tx: Tx, customer: Customer, email_digest: bytes, now: datetime
) -> None:
    """Asks for a mail to the customer's address.

    If no account confirmed the address, the mail holds a link that does; else it tells the owner of
    the registration. Both ways write one row, and a caller sees no difference.
    """
    owner = await get_confirmed_credential(tx, email_digest)
    contact = await find_contact(tx, owner.kind, owner.subject_id) if owner else None
    if owner is None or contact is None:
        await _mail_confirmation(tx, customer, now)
    elif await claim_mail(tx, email_digest, MailPurpose.EMAIL_IN_USE, now) is not None:
        await tx.emit(known_email_registered(customer, owner, contact), key=customer.id)


async def _mail_confirmation(tx: Tx, customer: Customer, now: datetime) -> None:
    token = await create_mail_link(tx, MailPurpose.CONFIRM_EMAIL, customer.id, now)
    await tx.emit(email_confirmation_requested(customer, token), key=customer.id)


async def delete_old_registrations(tx: Tx, before: datetime) -> int:
    """Deletes registrations that are older, and returns their number."""
    return await tx.execute(_DELETE_OLD, before=before)
