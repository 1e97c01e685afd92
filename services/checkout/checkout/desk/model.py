"""Tags, holds and notes of orders: tables and rules."""

import re
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text

from chassis.data.rows import Field, Row, code, counter, states
from chassis.rpc.errors import VersionMismatch
from checkout.errors.orders import InvalidOrderTag, OrderOnHold

MOST_TAGS: Final = 50
MOST_NOTES: Final = 500
_TAG: Final = re.compile(r"[a-z0-9][a-z0-9_.:\-]{0,39}")


class HoldReason(StrEnum):
    """Reasons for which staff hold an order."""

    FRAUD = "fraud"
    ADDRESS = "address"
    PAYMENT = "payment"
    STOCK = "stock"
    BUYER_REQUEST = "buyer_request"
    EXCHANGE = "exchange"
    OTHER = "other"


class OrderTag(Row, table=True):
    """A tag of an order."""

    __tablename__ = "order_tag"
    __table_args__ = (Index("order_tag_tag", "tag", "order_id"),)

    order_id: UUID = Field(primary_key=True, foreign_key="orders.id")
    tag: str = Field(primary_key=True)


class OrderHold(Row, table=True):
    """A hold of an order: it ends with `released_at`. An order has at most one that is open."""

    __tablename__ = "order_hold"
    __table_args__ = (
        states("reason", HoldReason),
        CheckConstraint("released_at >= held_at"),
        Index("order_hold_order", "order_id"),
        Index(
            "order_hold_open", "order_id", unique=True, postgresql_where=text("released_at IS NULL")
        ),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    reason: HoldReason = code(HoldReason)
    note: str = Field(repr=False)
    held_by: UUID
    held_at: datetime
    released_by: UUID | None = None
    released_at: datetime | None = None

    def refuse(self) -> OrderOnHold:
        """Returns the refusal of what an order on hold may not."""
        return OrderOnHold(order_id=self.order_id, hold_reason=self.reason)


class OrderNote(Row, table=True):
    """A note of the staff on an order."""

    __tablename__ = "order_note"
    __table_args__ = (Index("order_note_order", "order_id", "id"),)

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    order_id: UUID = Field(foreign_key="orders.id")
    text: str = Field(repr=False)
    author_id: UUID
    created_at: datetime
    edited_by: UUID | None = None
    edited_at: datetime | None = None

    def require_version(self, expected: int) -> None:
        """Raises VersionMismatch; 0 expects any version."""
        if expected not in (0, self.version):
            raise VersionMismatch("the note changed: read it again", version=self.version)


def require_tags(tags: Collection[str], path: str) -> None:
    """Raises InvalidOrderTag, which names the first that no tag may be."""
    for number, tag in enumerate(tags):
        if not _TAG.fullmatch(tag):
            raise InvalidOrderTag(
                path=f"{path}[{number}]",
                problem="lower-case letters, digits and - _ . : after a letter or a digit",
            )
