"""Secret links to orders: the mailed one, which opens once, and the access that it opens."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Index

from chassis.data.rows import Field, Row, code, states

LINK_SECONDS: Final = 3_600
ACCESS_SECONDS: Final = 3_600
# Whoever knows a number and an address causes mails to the address.
MOST_LINKS_A_DAY: Final = 3


class LinkKind(StrEnum):
    MAILED = "mailed"
    ACCESS = "access"


class OrderLink(Row, table=True):
    """A token that reads one order. Only its digest is stored; times are real time.

    A mailed link expires when it is opened. A row is deleted a day after it was made.
    """

    __tablename__ = "order_link"
    __table_args__ = (
        states("kind", LinkKind),
        Index("order_link_order_id", "order_id", "created_at"),
    )

    token_digest: bytes = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    kind: LinkKind = code(LinkKind)
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OrderLinkRequest:
    """The order number and e-mail address that a buyer typed."""

    number: str
    email: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OrderAccess:
    """A token that reads an order until it expires."""

    order_id: UUID
    token: str = field(repr=False)
    expires_at: datetime


def create_token() -> str:
    """Returns a token of 256 random bits, 43 characters."""
    return secrets.token_urlsafe(32)


def digest_of_token(token: str) -> bytes:
    """Returns the SHA-256 of a token."""
    return hashlib.sha256(token.encode()).digest()
