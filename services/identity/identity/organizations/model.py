"""Organizations, their members and their invitations: tables and the rules of their values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Index, Text, text

from chassis.data.rows import Field, Row, code, column, counter, states
from chassis.rpc.errors import VersionMismatch
from chassis.text import InvalidName, require_plain_name

INVITATION_VALID: Final = timedelta(days=14)
MOST_INVITATIONS: Final = 100
_MAX_NAME_LENGTH: Final = 200


class OrganizationRole(StrEnum):
    """Role of a member: a manager also sees all orders, and keeps the members."""

    BUYER = "buyer"
    MANAGER = "manager"


class Organization(Row, table=True):
    """An organization that buys. `external_id` is its number in another system."""

    __tablename__ = "organization"
    __table_args__ = (
        Index("organization_name", "name", "id"),
        Index(
            "organization_external_id",
            "external_id",
            unique=True,
            postgresql_where=text("external_id <> ''"),
        ),
    )

    id: UUID = Field(primary_key=True)
    name: str
    external_id: str = column(Text, default="", server_default="''")
    is_active: bool = True
    version: int = counter(default=1)
    created_at: datetime

    def require_version(self, expected: int) -> None:
        """Raises VersionMismatch. An `expected` version of 0 accepts any version."""
        if expected and expected != self.version:
            raise VersionMismatch("the organization changed meanwhile", version=self.version)


class OrganizationMember(Row, table=True):
    """A customer who buys for an organization."""

    __tablename__ = "organization_member"
    __table_args__ = (
        states("role", OrganizationRole),
        Index("organization_member_since", "organization_id", "since", "customer_id"),
    )

    organization_id: UUID = Field(
        primary_key=True, foreign_key="organization.id", ondelete="CASCADE"
    )
    customer_id: UUID = Field(
        primary_key=True, foreign_key="customer.id", ondelete="CASCADE", index=True
    )
    role: OrganizationRole = code(OrganizationRole)
    since: datetime


class OrganizationInvitation(Row, table=True):
    """An address that an organization invited. Deleted when it is accepted or expires."""

    __tablename__ = "organization_invitation"
    __table_args__ = (
        states("role", OrganizationRole),
        Index("organization_invitation_email", "email", "organization_id", unique=True),
    )

    id: UUID = Field(primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", ondelete="CASCADE", index=True)
    email: str
    role: OrganizationRole = code(OrganizationRole)
    invited_by: UUID
    expires_at: datetime = Field(index=True)

    def __repr_args__(self) -> Sequence[tuple[str | None, Any]]:
        # The address is personal data, which no log may hold.
        return [("id", self.id), ("organization_id", self.organization_id)]


@dataclass(frozen=True, slots=True)
class OrganizationChanges:
    """New values of an organization. None keeps the old value."""

    name: str | None = None
    external_id: str | None = None
    is_active: bool | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The organization for which a customer buys from now on; None for themselves."""

    organization_id: UUID | None


@dataclass(frozen=True, slots=True)
class Membership:
    """The organization for which a customer buys, and their role in it."""

    organization_id: UUID
    role: OrganizationRole


def parse_organization_name(text: str) -> str:
    """Returns a name of 1 to 200 characters without surrounding space. Raises InvalidName."""
    name = require_plain_name(text, path="name", may_be_domain=True)
    if not 1 <= len(name) <= _MAX_NAME_LENGTH:
        raise InvalidName(f"a name has 1 to {_MAX_NAME_LENGTH} characters", path="name")
    return name
