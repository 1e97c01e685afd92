"""Credentials: passwords of customers and staff members, by the digest of the address."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, Text

from chassis.data.rows import Field, Row, code

# An address has one pair of salt and parameters. Each change of these or of KEY_ENCRYPTION_KEY adds
# another.
MAX_RECIPES: Final = 5


class SubjectKind(StrEnum):
    """The kind of account that a session or a credential belongs to."""

    GUEST = "guest"
    CUSTOMER = "customer"
    STAFF = "staff"


class Credential(Row, table=True):
    """The password of a confirmed address, which belongs to a customer or a staff member.

    `changed_at` is real time; a rehash does not change it.
    """

    __tablename__ = "credential"
    __table_args__ = (CheckConstraint("kind IN ('customer', 'staff')"),)

    email_digest: bytes = Field(primary_key=True)
    subject_id: UUID = Field(unique=True)
    kind: SubjectKind = code(SubjectKind)
    password_hash: str
    changed_at: datetime


class UnconfirmedCredential(Row, table=True):
    """The password of a customer who has not confirmed the address.

    Several customers may share an address. All credentials of an address have the same salt, so one
    hash of a typed password finds its account among any number of them. `recipe` is the hash
    without its last part: parameters and salt. The database computes it.
    """

    __tablename__ = "unconfirmed_credential"
    __table_args__ = (
        Index("unconfirmed_credential_recipe", "email_digest", "recipe"),
        Index(
            "unconfirmed_credential_password_hash", "email_digest", "password_hash", "customer_id"
        ),
    )

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id", ondelete="CASCADE")
    email_digest: bytes
    password_hash: str
    changed_at: datetime
    recipe: str = Field(
        default="",
        sa_type=Text,
        sa_column_args=[Computed("regexp_replace(password_hash, '[^$]*$', '')", persisted=True)],
    )

    @property
    def subject_id(self) -> UUID:
        return self.customer_id

    @property
    def kind(self) -> SubjectKind:
        return SubjectKind.CUSTOMER

    def confirmed(self) -> Credential:
        """Returns the same password as the credential of a confirmed address."""
        return Credential(
            email_digest=self.email_digest,
            subject_id=self.customer_id,
            kind=SubjectKind.CUSTOMER,
            password_hash=self.password_hash,
            changed_at=self.changed_at,
        )


@dataclass(frozen=True, slots=True)
class Contact:
    """The address of an account, and the locale and the channel of mails to it."""

    email: str
    locale: str = ""
    channel: str = ""
