"""Registering: a customer, their password, and their first session."""

from dataclasses import dataclass, field
from uuid import UUID

from chassis.clock import real_now, uuid7
from chassis.db import Tx
from chassis.errors import KeyReused
from identity import credentials, customers, emails, metrics, registrations
from identity.credentials import Credential, SubjectKind
from identity.customers import Customer
from identity.errors import EmailTaken
from identity.registrations import Registration
from identity.tokens import Mint, Opened
from sojourn.identity.v1.events_pb2 import CustomerRegistered


@dataclass(frozen=True, slots=True)
class Application:
    """A checked wish to register. `key` is the idempotency key, or empty; `fingerprint` marks the request that it came with."""

    email: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    locale: str
    channel: str
    guest_id: UUID | None
    key: str
    fingerprint: bytes


async def register(tx: Tx, application: Application, password_hash: str, mint: Mint) -> Opened:
    """Makes a customer and opens their first session.

    Idempotent per key: a repeat opens another session of the account that it made. Raises EmailTaken, KeyReused.
    """
    customer_id, at, digest = uuid7(), real_now(), emails.digest_of(application.email)
    credential = Credential(
        email_digest=digest, subject_id=customer_id, kind=SubjectKind.CUSTOMER, password_hash=password_hash, changed_at=at
    )
    if not await credentials.claim(tx, credential):
        made = await registrations.recognised(tx, application.key, application.fingerprint)
        if made is None:
            raise EmailTaken
        return await open_session(tx, made, mint, channel=application.channel)
    await tx.insert(_customer(tx, customer_id, application))
    if application.key:
        registration = Registration(
            idempotency_key=application.key, fingerprint=application.fingerprint, customer_id=customer_id, created_at=at
        )
        if not await registrations.claim(tx, registration):
            raise KeyReused("this key came with another request before")
    await _announce(tx, customer_id, application)
    metrics.registrations.inc()
    return await open_session(tx, customer_id, mint, channel=application.channel)


async def open_session(tx: Tx, customer_id: UUID, mint: Mint, *, channel: str) -> Opened:
    """Opens a session of a customer who has just proved who they are."""
    session, refresh_token = mint.new_session(SubjectKind.CUSTOMER, customer_id, channel=channel)
    await tx.insert(session)
    return mint.opened(session, refresh_token)


def _customer(tx: Tx, customer_id: UUID, application: Application) -> Customer:
    return Customer(
        id=customer_id,
        email=application.email,
        first_name=application.first_name,
        last_name=application.last_name,
        locale=application.locale,
        channel=application.channel,
        created_at=tx.now,
    )


async def _announce(tx: Tx, customer_id: UUID, application: Application) -> None:
    guest_id = application.guest_id
    is_theirs = guest_id is not None and await customers.link_guest(tx, customer_id, guest_id)
    event = CustomerRegistered(
        customer_id=str(customer_id),
        guest_id=str(guest_id) if is_theirs else "",
        email=application.email,
        first_name=application.first_name,
        locale=application.locale,
        channel=application.channel,
    )
    await tx.emit(event, key=customer_id)
