"""Redemptions and counts of orders."""

import hashlib
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, text

from chassis.data.rows import Field, Row, code, column, document, states


class RedemptionStatus(StrEnum):
    REDEEMED = "redeemed"
    UNDONE = "undone"


class Redemption(Row, table=True):
    """The use of a cart and its promotions by an order.

    One that is undone and has no cart is a tombstone: it was undone before it came.
    """

    __tablename__ = "redemption"
    __table_args__ = (
        states("status", RedemptionStatus),
        CheckConstraint("status = 'undone' OR (cart_id IS NOT NULL AND owner_id IS NOT NULL)"),
        Index(
            "redemption_owner_id",
            "owner_id",
            postgresql_where=text("status = 'redeemed' AND NOT is_cancelled"),
        ),
        Index(
            "redemption_email_digest",
            "email_digest",
            postgresql_where=text("status = 'redeemed' AND NOT is_cancelled"),
        ),
    )

    order_id: UUID = Field(primary_key=True)
    cart_id: UUID | None = None
    owner_id: UUID | None = None
    email_digest: str = ""
    promotion_ids: list[UUID] = document(list[UUID])
    status: RedemptionStatus = code(RedemptionStatus)
    is_cancelled: bool = False
    is_synthetic: bool = column(Boolean, default=False, server_default="false")
    created_at: datetime
    undone_at: datetime | None = None


class OrderCount(Row, table=True):
    """Count of placed, uncancelled orders by buyer id and by digest of the buyer's address.

    It is below zero only while a cancellation has overtaken its order.
    """

    __tablename__ = "order_count"

    subject: str = Field(primary_key=True)
    placed: int


def digest_email(email: str) -> str:
    """Returns the hex SHA-256 of an address in lower case; empty for the empty address."""
    address = email.strip().lower()
    return hashlib.sha256(address.encode()).hexdigest() if address else ""
