"""Credentials: who logs in with which password. They hold no address, only its digest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Computed, Index, Text, bindparam, not_, or_, update
from sqlmodel import col, select

from chassis.data.rows import Field, Row, code
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from identity.customers.model import Customer
from identity.staff.model import Staff

# An address has one pair of salt and parameters, and another for each change of these or of KEY_ENCRYPTION_KEY.
MOST_RECIPES: Final = 5


class SubjectKind(StrEnum):
    """Whose session it is."""

    GUEST = "guest"
    CUSTOMER = "customer"
    STAFF = "staff"


class Credential(Row, table=True):
    """A password. A confirmed address has one, a customer's or a member of staff's. `changed_at` is real time; a rehash does not change it."""

    __tablename__ = "credential"
    __table_args__ = (CheckConstraint("kind IN ('customer', 'staff')"),)

    email_digest: bytes = Field(primary_key=True)
    subject_id: UUID = Field(unique=True)
    kind: SubjectKind = code(SubjectKind)
    password_hash: str
    changed_at: datetime


class UnconfirmedCredential(Row, table=True):
    """A password of a customer who has not confirmed the address, as others may not have either.

    All of an address have one salt. So one hash of a typed password finds its account, however many there are. `recipe` is the hash without
    its last part, parameters and salt; the database makes it.
    """

    __tablename__ = "unconfirmed_credential"
    __table_args__ = (
        Index("unconfirmed_credential_recipe", "email_digest", "recipe"),
        Index("unconfirmed_credential_password_hash", "email_digest", "password_hash", "customer_id"),
    )

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id", ondelete="CASCADE")
    email_digest: bytes
    password_hash: str
    changed_at: datetime
    recipe: str = Field(default="", sa_type=Text, sa_column_args=[Computed("regexp_replace(password_hash, '[^$]*$', '')", persisted=True)])

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


_OF_SUBJECT: Final = prepare(select(Credential).where(Credential.subject_id == bindparam("subject_id")))
_REHASH: Final = prepare(
    update(Credential)
    .where(col(Credential.subject_id) == bindparam("subject"), col(Credential.password_hash) == bindparam("old_hash"))
    .values(password_hash=bindparam("new_hash"))
)
_REHASH_UNCONFIRMED: Final = prepare(
    update(UnconfirmedCredential)
    .where(
        col(UnconfirmedCredential.customer_id) == bindparam("subject"), col(UnconfirmedCredential.password_hash) == bindparam("old_hash")
    )
    .values(password_hash=bindparam("new_hash"))
)
_UNCONFIRMED_AMONG: Final = prepare(
    select(UnconfirmedCredential.customer_id).where(
        UnconfirmedCredential.email_digest == bindparam("email_digest"), one_of(UnconfirmedCredential.customer_id, "customer_ids")
    )
)
_is_known: Final = one_of(UnconfirmedCredential.customer_id, "known")
_FIND_UNCONFIRMED: Final = prepare(
    select(UnconfirmedCredential)
    .where(
        UnconfirmedCredential.email_digest == bindparam("email_digest"),
        one_of(UnconfirmedCredential.password_hash, "hashes"),
        or_(not_(bindparam("only_known", type_=Boolean())), _is_known),
    )
    .order_by(_is_known.desc(), col(UnconfirmedCredential.customer_id))
    .limit(1)
)


async def claim(tx: Tx, credential: Credential) -> bool:
    """Stores a credential; False where the address has one. Waits for a transaction that is just claiming the same."""
    return await tx.insert_new(credential)


async def rehash(tx: Tx, credential: Credential | UnconfirmedCredential, password_hash: str) -> None:
    """Stores the same password under newer parameters, unless it was changed meanwhile."""
    statement = _REHASH if isinstance(credential, Credential) else _REHASH_UNCONFIRMED
    await tx.execute(statement, subject=credential.subject_id, old_hash=credential.password_hash, new_hash=password_hash)


async def by_digest(read: Read, email_digest: bytes) -> Credential | None:
    """The credential of the account that confirmed an address."""
    return await read.get(Credential, email_digest)


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
    return frozenset(await read.all(_UNCONFIRMED_AMONG, email_digest=email_digest, customer_ids=[*customer_ids]))


async def find_unconfirmed(
    read: Read, email_digest: bytes, password_hashes: Sequence[str], *, known: Collection[UUID], only_known: bool
) -> UnconfirmedCredential | None:
    """The unconfirmed account of an address with one of the hashes: of several a known one, else the oldest."""
    return await read.one(_FIND_UNCONFIRMED, email_digest=email_digest, hashes=[*password_hashes], known=[*known], only_known=only_known)


async def unconfirmed_of(read: Read, customer_id: UUID) -> UnconfirmedCredential | None:
    """The credential of a customer who has not confirmed the address."""
    return await read.get(UnconfirmedCredential, customer_id)


async def by_subject(read: Read, subject_id: UUID) -> Credential | UnconfirmedCredential | None:
    """The credential of a customer, confirmed or not, or of a member of staff."""
    confirmed: Credential | None = await read.one(_OF_SUBJECT, subject_id=subject_id)
    return confirmed or await unconfirmed_of(read, subject_id)


async def contact_of(read: Read, kind: SubjectKind, subject_id: UUID) -> Contact | None:
    """Where to write to the account; None where there is none."""
    if kind is SubjectKind.STAFF:
        member = await read.get(Staff, subject_id)
        return Contact(member.email) if member else None
    customer = await read.get(Customer, subject_id)
    return Contact(customer.email, customer.locale, customer.channel) if customer else None
