"""Customers, and the guests that they were."""

import re
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, Index, bindparam, text, update
from sqlmodel import col, select

from chassis.data.rows import Field, Row, column, counter
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.postal_addresses import normalize_phone
from chassis.text import InvalidName, require_plain_name
from identity.errors import CustomerNotFound, InvalidChannel

_LONGEST_NAME: Final = 100
_CHANNEL: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.IGNORECASE | re.ASCII)


class Customer(Row, table=True):
    """A person with an account. All but the id is personal data. An address is confirmed by one customer at the most."""

    __tablename__ = "customer"
    __table_args__ = (Index("customer_confirmed_email", "email", unique=True, postgresql_where=text("email_confirmed_at IS NOT NULL")),)

    id: UUID = Field(primary_key=True)
    email: str
    # The default is for the release before this one, whose customers count as confirmed.
    email_confirmed_at: datetime | None = column(DateTime(timezone=True), default=None, server_default="clock_timestamp()")
    first_name: str
    last_name: str
    phone_number: str = ""
    locale: str
    channel: str
    version: int = counter(default=1)
    created_at: datetime
    last_login_at: datetime | None = None


class CustomerGuest(Row, table=True):
    """A guest who became a customer."""

    __tablename__ = "customer_guest"

    guest_id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id", ondelete="CASCADE", index=True)
    linked_at: datetime


_CUSTOMER_OF_GUEST: Final = prepare(select(CustomerGuest.customer_id).where(CustomerGuest.guest_id == bindparam("guest_id")))
_RECORD_LOGIN: Final = prepare(update(Customer).where(col(Customer.id) == bindparam("customer_id")).values(last_login_at=bindparam("now")))


def name_of(text: str) -> str:
    """A name without space around it: mails show it, so it holds no link. Raises InvalidName."""
    name = text.strip()
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidName(f"a name has at most {_LONGEST_NAME} characters, none of them control characters")
    return require_plain_name(name, path="name")


def channel_of(text: str) -> str:
    """A channel code, or empty. Raises InvalidChannel."""
    if text and not _CHANNEL.fullmatch(text):
        raise InvalidChannel
    return text


def region_of(locale: str) -> str | None:
    """The country of a BCP 47 tag (`de-AT` is AT), or None."""
    return next((part.upper() for part in locale.split("-")[1:] if len(part) == 2), None)


def phone_of(text: str, region: str | None) -> str:
    """The number as E.164; a national one is read as of `region`. Raises InvalidPhone."""
    return normalize_phone(text, region or "")


async def of(read: Read, customer_id: UUID) -> Customer:
    """The customer. Raises CustomerNotFound."""
    customer = await read.get(Customer, customer_id)
    if customer is None:
        raise CustomerNotFound
    return customer


async def locked(tx: Tx, customer_id: UUID) -> Customer:
    """The customer, locked until the transaction ends. Raises CustomerNotFound."""
    customer = await tx.lock(Customer, customer_id)
    if customer is None:
        raise CustomerNotFound
    return customer


async def link_guest(tx: Tx, customer_id: UUID, guest_id: UUID) -> bool:
    """Records a guest as the customer's. False where the guest is somebody else's already: a guest becomes one customer. Idempotent."""
    if await tx.insert_new(CustomerGuest(guest_id=guest_id, customer_id=customer_id, linked_at=tx.now)):
        return True
    return bool(await tx.one(_CUSTOMER_OF_GUEST, guest_id=guest_id) == customer_id)


async def record_login(tx: Tx, customer_id: UUID) -> None:
    """Records the time, and locks the row, which orders the customer's events."""
    await tx.execute(_RECORD_LOGIN, customer_id=customer_id, now=tx.now)
