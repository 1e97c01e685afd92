"""Registering: a customer, their password, and their first session.

A registration answers the same whether or not an account has the address. What differs goes to the mailbox alone.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from chassis.data.tx import Tx
from chassis.rpc.errors import KeyReused
from chassis.runtime.clock import real_now, uuid7
from identity import metrics
from identity.credentials import model as credentials
from identity.credentials.model import SubjectKind, UnconfirmedCredential
from identity.customers import model as customers
from identity.customers.model import Customer
from identity.devices import model as devices
from identity.devices.model import DeviceToken
from identity.mail_links import model as mail_links
from identity.mail_links.model import VALID_SECONDS, Purpose
from identity.registrations import model as registrations
from identity.registrations.model import Registration
from identity.sessions.tokens import Mint, Opened
from sojourn.identity.v1.events_pb2 import CustomerRegistered, EmailConfirmationRequested, KnownEmailRegistered


@dataclass(frozen=True, slots=True)
class Application:
    """A checked wish to register. `key` is the idempotency key, or empty; `fingerprint` marks the request that it came with."""

    email: str = field(repr=False)
    email_digest: bytes = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    locale: str
    channel: str
    guest_id: UUID | None
    key: str
    fingerprint: bytes
    device: DeviceToken | None = None


async def register(tx: Tx, application: Application, password_hash: str, mint: Mint) -> Opened:
    """Makes a customer whose address is not confirmed, asks for a mail to the address, and opens their first session.

    Idempotent per key: a repeat opens another session of the account that it made. Raises KeyReused.
    """
    if application.key:
        await registrations.lock_key(tx, application.key)
        made = await registrations.recognised(tx, application.key, application.fingerprint)
        if made is not None:
            return await open_session(tx, made, mint, channel=application.channel, device=application.device)
    customer, at = _customer(tx, application), real_now()
    await tx.insert(customer)
    await tx.insert(
        UnconfirmedCredential(customer_id=customer.id, email_digest=application.email_digest, password_hash=password_hash, changed_at=at)
    )
    if application.key and not await registrations.claim(
        tx,
        Registration(idempotency_key=application.key, fingerprint=application.fingerprint, customer_id=customer.id, created_at=at),
    ):
        raise KeyReused("this key came with another request before")
    await _announce(tx, customer, application.guest_id)
    # Counted in any case: when a resend is refused must not tell how many others registered with the address.
    await mail_links.claim_mail(tx, customer.id.bytes, Purpose.CONFIRM_EMAIL, at)
    if await mail_links.claim_mail(tx, application.email_digest, Purpose.REGISTRATION, at) is not None:
        await ask_for_confirmation(tx, customer, application.email_digest, at)
    metrics.registrations.inc()
    return await open_session(tx, customer.id, mint, channel=application.channel, device=application.device)


async def ask_for_confirmation(tx: Tx, customer: Customer, email_digest: bytes, now: datetime) -> None:
    """Asks for a mail with a link that confirms the customer's address; where another account has it, for one that tells its owner.

    Both ways write one row and differ in nothing else that a caller could see.
    """
    owner = await credentials.by_digest(tx, email_digest)
    contact = await credentials.contact_of(tx, owner.kind, owner.subject_id) if owner else None
    if owner is None or contact is None:
        token = await mail_links.make_link(tx, Purpose.CONFIRM_EMAIL, customer.id, now)
        await tx.emit(confirmation_requested(customer, token), key=customer.id)
        return
    if await mail_links.claim_mail(tx, email_digest, Purpose.EMAIL_IN_USE, now) is not None:
        told = KnownEmailRegistered(
            owner_id=str(owner.subject_id),
            email=contact.email,
            locale=contact.locale,
            channel=contact.channel,
            customer_id=str(customer.id),
        )
        await tx.emit(told, key=customer.id)


def confirmation_requested(customer: Customer, token: str) -> EmailConfirmationRequested:
    """The event that asks for a mail with the token of a link that confirms the customer's address."""
    return EmailConfirmationRequested(
        customer_id=str(customer.id), email=customer.email, token=token, locale=customer.locale, channel=customer.channel,
        valid_seconds=VALID_SECONDS[Purpose.CONFIRM_EMAIL],
    )  # fmt: skip


async def open_session(tx: Tx, customer_id: UUID, mint: Mint, *, channel: str, device: DeviceToken | None) -> Opened:
    """Opens a session of a customer who has just proved who they are, on a device that is known from now on."""
    session, refresh_token = mint.new_session(SubjectKind.CUSTOMER, customer_id, channel=channel)
    await tx.insert(session)
    known = await devices.remember(tx, device, customer_id, real_now() + timedelta(seconds=mint.device_seconds))
    return mint.opened(session, refresh_token, device_token=known.text)


def _customer(tx: Tx, application: Application) -> Customer:
    return Customer(
        id=uuid7(),
        email=application.email,
        email_confirmed_at=None,
        first_name=application.first_name,
        last_name=application.last_name,
        locale=application.locale,
        channel=application.channel,
        created_at=tx.now,
    )


async def _announce(tx: Tx, customer: Customer, guest_id: UUID | None) -> None:
    is_theirs = guest_id is not None and await customers.link_guest(tx, customer.id, guest_id)
    event = CustomerRegistered(
        customer_id=str(customer.id),
        guest_id=str(guest_id) if is_theirs else "",
        email=customer.email,
        first_name=customer.first_name,
        locale=customer.locale,
        channel=customer.channel,
        confirmation_requested=True,
    )
    await tx.emit(event, key=customer.id)
