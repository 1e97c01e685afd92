"""Customers, their addresses and their consents: tables and the rules of their values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, Text, text

from chassis.data.rows import Field, Row, code, column, counter, states
from chassis.postal_addresses import (
    describe_problems,
    normalize_phone,
    normalize_postal_address,
)
from chassis.rpc.errors import VersionMismatch
from chassis.text import InvalidName, require_plain_name
from identity.errors import InvalidAddress, InvalidChannel, UnknownConsentCategory

MAX_ADDRESSES: Final = 50
_MAX_NAME_LENGTH: Final = 100
_CHANNEL: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.IGNORECASE | re.ASCII)


class Customer(Row, table=True):
    """A person with an account. One customer at most has confirmed an e-mail address.

    All columns but the id are personal data.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index(
            "customer_confirmed_email",
            "email",
            unique=True,
            postgresql_where=text("email_confirmed_at IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    email: str
    # The default is for the previous release, whose customers count as confirmed.
    email_confirmed_at: datetime | None = column(
        DateTime(timezone=True), default=None, server_default="clock_timestamp()"
    )
    first_name: str
    last_name: str
    phone_number: str = ""
    locale: str
    channel: str
    customer_group: str = column(Text, default="", server_default="''")
    version: int = counter(default=1)
    created_at: datetime
    last_login_at: datetime | None = None


class CustomerGuest(Row, table=True):
    """A guest who became a customer."""

    __tablename__ = "customer_guest"

    guest_id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id", ondelete="CASCADE", index=True)
    linked_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class ProfileChanges:
    """New values of a profile. None keeps the old value, and an empty text clears it."""

    first_name: str | None = None
    last_name: str | None = None
    phone_number: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class PostalAddress:
    """A name and a place that mail is delivered to. Personal data."""

    first_name: str
    last_name: str
    organization: str
    street_address: str
    address_locality: str
    address_region: str
    postal_code: str
    address_country: str
    phone_number: str


class Address(Row, table=True):
    """An address in a customer's address book. One of them is the default.

    `organization_id` is reserved for the address books of organizations.
    """

    __tablename__ = "address"
    __table_args__ = (
        Index("address_customer_id", "customer_id", "id"),
        Index("address_default", "customer_id", unique=True, postgresql_where=text("is_default")),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id", ondelete="CASCADE")
    organization_id: UUID | None = None
    first_name: str
    last_name: str
    organization: str
    street_address: str
    address_locality: str
    address_region: str
    postal_code: str
    address_country: str
    phone_number: str
    is_default: bool
    version: int = column(BigInteger, default=1, server_default="1")
    created_at: datetime

    def __repr_args__(self) -> Sequence[tuple[str | None, Any]]:
        # The other columns are personal data, which no log may hold.
        return [("id", self.id)]

    def require_version(self, expected: int) -> None:
        """Raises VersionMismatch. An `expected` version of 0 accepts any version."""
        if expected and expected != self.version:
            raise VersionMismatch("the address changed meanwhile", version=self.version)

    def replace(self, postal: PostalAddress) -> None:
        """Replaces all postal columns."""
        for name in PostalAddress.__slots__:
            setattr(self, name, getattr(postal, name))


class ConsentCategory(StrEnum):
    """A purpose for which a customer's behaviour may be used."""

    ANALYTICS = "analytics"
    MARKETING = "marketing"
    PERSONALIZATION = "personalization"


class Consent(Row, table=True):
    """The current answer of a customer in one category."""

    __tablename__ = "consent"
    __table_args__ = (states("category", ConsentCategory),)

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id", ondelete="CASCADE")
    category: ConsentCategory = code(ConsentCategory, primary_key=True)
    granted: bool
    changed_at: datetime


class ConsentChange(Row, table=True):
    """One change of a consent. It is stored as long as the customer exists."""

    __tablename__ = "consent_change"
    __table_args__ = (Index("consent_change_customer_id", "customer_id", "id"),)

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id", ondelete="CASCADE")
    category: ConsentCategory = code(ConsentCategory)
    granted: bool
    changed_at: datetime


def parse_name(text: str) -> str:
    """Returns a name without surrounding space. Raises InvalidName.

    Mails show names, so a name holds no link.
    """
    name = text.strip()
    if len(name) > _MAX_NAME_LENGTH or not name.isprintable():
        raise InvalidName(
            f"a name has at most {_MAX_NAME_LENGTH} characters, none of them control characters"
        )
    return require_plain_name(name, path="name")


def parse_channel(text: str) -> str:
    """Returns a channel code, or an empty text for an empty one. Raises InvalidChannel."""
    if text and not _CHANNEL.fullmatch(text):
        raise InvalidChannel
    return text


def region_of_locale(locale: str) -> str | None:
    """Returns the country of a BCP 47 tag, or None: `de-AT` has the country AT."""
    return next((part.upper() for part in locale.split("-")[1:] if len(part) == 2), None)


def parse_phone(text: str, region: str | None) -> str:
    """Returns a phone number in E.164; a national number belongs to `region`.

    Raises InvalidPhone.
    """
    return normalize_phone(text, region or "")


def normalize_address(address: PostalAddress) -> PostalAddress:
    """Returns an address in its normal form.

    Raises InvalidAddress with the facts of `describe_problems`.
    """
    found, problems = normalize_postal_address(asdict(address))
    if problems:
        facts = describe_problems(found, problems)
        raise InvalidAddress("the address is wrong for its country", path="address", **facts)
    return PostalAddress(**found)


def parse_consents(granted: Mapping[str, bool]) -> dict[ConsentCategory, bool]:
    """Returns answers by category. Raises UnknownConsentCategory."""
    try:
        return {ConsentCategory(name): answer for name, answer in granted.items()}
    except ValueError:
        raise UnknownConsentCategory(f"one of {', '.join(ConsentCategory)}") from None
