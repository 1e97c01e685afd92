"""Credentials: who logs in with which password. They hold no address, only its digest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read, Tx
from identity.customers import Customer
from identity.staff import Staff

# An address has one pair of salt and parameters, and another for each change of these or of KEY_ENCRYPTION_KEY.
MOST_RECIPES: Final = 5


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
    """A password of a customer who has not confirmed the address, as others may not have either.

    All of an address have one salt. So one hash of a typed password finds its account, however many there are.
    """

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


async def samples_of_unconfirmed(read: Read, email_digest: bytes) -> list[str]:
    """One hash of each pair of salt and parameters that unconfirmed accounts of an address have, at most `MOST_RECIPES`.

    The cost does not depend on the number of accounts: the query skips from one pair to the next in the index.
    """
    rows = await read.fetch(
        "WITH RECURSIVE sample AS ("
        " (SELECT recipe, password_hash FROM unconfirmed_credential WHERE email_digest = %(email)s ORDER BY recipe LIMIT 1)"
        " UNION ALL SELECT following.recipe, following.password_hash FROM sample CROSS JOIN LATERAL"
        " (SELECT recipe, password_hash FROM unconfirmed_credential WHERE email_digest = %(email)s AND recipe > sample.recipe"
        " ORDER BY recipe LIMIT 1) AS following"
        ") SELECT password_hash FROM sample LIMIT %(most)s",
        {"email": email_digest, "most": MOST_RECIPES},
    )
    return [password_hash for (password_hash,) in rows]


async def unconfirmed_among(read: Read, email_digest: bytes, customer_ids: Collection[UUID]) -> frozenset[UUID]:
    """Returns the customers who registered with the address and did not confirm it."""
    rows = await read.fetch(
        "SELECT customer_id FROM unconfirmed_credential WHERE email_digest = %s AND customer_id = ANY(%s)", [email_digest, [*customer_ids]]
    )
    return frozenset(customer_id for (customer_id,) in rows)


async def find_unconfirmed(
    read: Read, email_digest: bytes, password_hashes: Sequence[str], *, known: Collection[UUID], only_known: bool
) -> UnconfirmedCredential | None:
    """The unconfirmed account of an address with one of the hashes: of several a known one, else the oldest."""
    return await read.find_one(
        UnconfirmedCredential,
        "WHERE email_digest = %(email)s AND password_hash = ANY(%(hashes)s) AND (NOT %(only_known)s OR customer_id = ANY(%(known)s))"
        " ORDER BY customer_id = ANY(%(known)s) DESC, customer_id LIMIT 1",
        {"email": email_digest, "hashes": [*password_hashes], "known": [*known], "only_known": only_known},
    )


async def unconfirmed_of(read: Read, customer_id: UUID) -> UnconfirmedCredential | None:
    """The credential of a customer who has not confirmed the address."""
    return await read.find_one(UnconfirmedCredential, "WHERE customer_id = %s", [customer_id])


async def by_subject(read: Read, subject_id: UUID) -> Credential | UnconfirmedCredential | None:
    """The credential of a customer, confirmed or not, or of a member of staff."""
    return await read.find_one(Credential, "WHERE subject_id = %s", [subject_id]) or await unconfirmed_of(read, subject_id)


async def contact_of(read: Read, kind: SubjectKind, subject_id: UUID) -> Contact | None:
    """Where to write to the account; None where there is none."""
    if kind is SubjectKind.STAFF:
        member = await read.get(Staff, subject_id)
        return Contact(member.email) if member else None
    customer = await read.get(Customer, subject_id)
    return Contact(customer.email, customer.locale, customer.channel) if customer else None
