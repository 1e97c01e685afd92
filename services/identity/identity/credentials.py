"""Credentials: who logs in with which password. They hold no address, only its digest."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.db import Read, Tx
from chassis.rows import Row
from identity.customers import Customer
from identity.staff import Staff


class SubjectKind(StrEnum):
    """Whose session it is."""

    GUEST = "guest"
    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(kw_only=True)
class Credential(Row, table="credential", key=("email_digest",)):
    """A password. A confirmed address has one, a customer's or a member of staff's. `changed_at` is real time; a rehash does not change it."""

    email_digest: bytes
    subject_id: UUID
    kind: SubjectKind
    password_hash: str
    changed_at: datetime


@dataclass(kw_only=True)
class UnconfirmedCredential(Row, table="unconfirmed_credential", key=("customer_id",)):
    """A password of a customer who has not confirmed the address, as others may not have either."""

    customer_id: UUID
    email_digest: bytes
    password_hash: str
    changed_at: datetime

    @property
    def subject_id(self) -> UUID:
        return self.customer_id

    @property
    def kind(self) -> SubjectKind:
        return SubjectKind.CUSTOMER

    def confirmed(self) -> Credential:
        """The same password, of the one account that has the address."""
        return Credential(
            email_digest=self.email_digest,
            subject_id=self.customer_id,
            kind=SubjectKind.CUSTOMER,
            password_hash=self.password_hash,
            changed_at=self.changed_at,
        )


@dataclass(frozen=True, slots=True)
class Contact:
    """Where and how to write to an account."""

    email: str
    locale: str = ""
    channel: str = ""


async def claim(tx: Tx, credential: Credential) -> bool:
    """Stores a credential; False where the address has one. Waits for a transaction that is just claiming the same."""
    return bool(
        await tx.run(
            "INSERT INTO credential (email_digest, subject_id, kind, password_hash, changed_at) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [credential.email_digest, credential.subject_id, credential.kind, credential.password_hash, credential.changed_at],
        )
    )


async def rehash(tx: Tx, credential: Credential | UnconfirmedCredential, password_hash: str) -> None:
    """Stores the same password under newer parameters, unless it was changed meanwhile."""
    parameters = [password_hash, credential.subject_id, credential.password_hash]
    if isinstance(credential, Credential):
        await tx.run("UPDATE credential SET password_hash = %s WHERE subject_id = %s AND password_hash = %s", parameters)
        return
    await tx.run("UPDATE unconfirmed_credential SET password_hash = %s WHERE customer_id = %s AND password_hash = %s", parameters)


async def by_digest(read: Read, email_digest: bytes) -> Credential | None:
    """The credential of the account that confirmed an address."""
    return await read.find_one(Credential, "WHERE email_digest = %s", [email_digest])


async def newest_unconfirmed(read: Read, email_digest: bytes) -> UnconfirmedCredential | None:
    """The credential of the customer who registered last with an address and did not confirm it."""
    return await read.find_one(UnconfirmedCredential, "WHERE email_digest = %s ORDER BY customer_id DESC LIMIT 1", [email_digest])


async def unconfirmed_of(read: Read, customer_id: UUID) -> UnconfirmedCredential | None:
    """The credential of a customer who has not confirmed the address."""
    return await read.find_one(UnconfirmedCredential, "WHERE customer_id = %s", [customer_id])


async def by_subject(read: Read, subject_id: UUID) -> Credential | UnconfirmedCredential | None:
    """The credential of a customer, confirmed or not, or of a member of staff."""
    return await read.find_one(Credential, "WHERE subject_id = %s", [subject_id]) or await unconfirmed_of(read, subject_id)


async def contact_of(read: Read, credential: Credential) -> Contact | None:
    """Where to write to the account; None where it is gone."""
    if credential.kind is SubjectKind.STAFF:
        member = await read.get(Staff, credential.subject_id)
        return Contact(member.email) if member else None
    customer = await read.get(Customer, credential.subject_id)
    return Contact(customer.email, customer.locale, customer.channel) if customer else None
