"""Confirming an address: a mailed token proves the mailbox, a session or the password proves the account.

Both are needed. An attacker may register with a victim's address and wait for the victim to follow the link: the mailbox alone must not
bind the address to an account whose password another person knows.
"""

import math
from datetime import datetime
from uuid import UUID

from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.email_addresses import parse_email
from chassis.runtime.clock import real_now
from identity import metrics
from identity.credentials import model as credentials
from identity.credentials.passwords import Hasher
from identity.customers import model as customers
from identity.customers.model import Customer
from identity.errors import ConfirmationSentRecently, ConfirmationTokenNotFound, EmailTaken, WrongCredentials
from identity.mail_links import model as mail_links
from identity.mail_links.model import Purpose
from identity.registrations import actions as registering
from sojourn.identity.v1.events_pb2 import EmailConfirmed


async def find_customer(database: Database, token: str) -> UUID:
    """The customer whose address a token confirms. Raises ConfirmationTokenNotFound."""
    async with database.read() as read:
        link = await mail_links.find_link(read, Purpose.CONFIRM_EMAIL, token, real_now())
    if link is None:
        raise ConfirmationTokenNotFound("the link is not good or too old: ask for another")
    return link.subject_id


async def prove_account(database: Database, hasher: Hasher, customer_id: UUID, password: str) -> None:
    """Checks a customer's password. Only who has a mailed token gets here. Raises WrongCredentials, PasswordsBusy."""
    async with database.read() as read:
        credential = await credentials.by_subject(read, customer_id)
    async with hasher.slot():
        if not await hasher.verify(credential.password_hash if credential else None, password):
            raise WrongCredentials("confirm with the account's password, or logged in to it")


async def confirm_email(tx: Tx, customer_id: UUID) -> datetime:
    """Binds the address to the customer, and returns when. Idempotent. Emits EmailConfirmed. Raises CustomerNotFound, EmailTaken."""
    customer = await customers.locked(tx, customer_id)
    if customer.email_confirmed_at is not None:
        return customer.email_confirmed_at
    credential = await credentials.unconfirmed_of(tx, customer_id)
    if credential is None or not await credentials.claim(tx, credential.confirmed()):
        raise EmailTaken("another account confirmed this address first")
    await tx.delete(credential)
    customer.email_confirmed_at = tx.now
    await tx.update(customer)
    event = EmailConfirmed(
        customer_id=str(customer.id),
        email=customer.email,
        first_name=customer.first_name,
        locale=customer.locale,
        channel=customer.channel,
    )
    await tx.emit(event, key=customer.id)
    metrics.confirmations.inc()
    return customer.email_confirmed_at


async def resend_confirmation(tx: Tx, customer_id: UUID) -> None:
    """Asks for another confirmation mail; for none where the address is confirmed. Raises CustomerNotFound, ConfirmationSentRecently."""
    customer, now = await customers.locked(tx, customer_id), real_now()
    if customer.email_confirmed_at is not None:
        return
    await _require_pause(tx, customer, now)
    await registering.ask_for_confirmation(tx, customer, parse_email(customer.email).digest, now)


async def _require_pause(tx: Tx, customer: Customer, now: datetime) -> None:
    # By customer, not by address: others who register with the address must not use up this customer's mail.
    if await mail_links.claim_mail(tx, customer.id.bytes, Purpose.CONFIRM_EMAIL, now) is not None:
        return
    left = await mail_links.next_mail_at(tx, customer.id.bytes, Purpose.CONFIRM_EMAIL, now) - now
    raise ConfirmationSentRecently(
        "a confirmation mail was sent a moment ago: look into the mailbox, or try again later",
        retry_after_seconds=max(1, math.ceil(left.total_seconds())),
    )
