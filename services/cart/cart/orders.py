"""Orders as promotions know them: how many each buyer placed, and which order used which cart."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Uuid, bindparam, exists, func, or_, text, update
from sqlmodel import col, select

from chassis.data.rows import Field, Row, code, column, document, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx


class RedemptionStatus(StrEnum):
    REDEEMED = "redeemed"
    UNDONE = "undone"


class Redemption(Row, table=True):
    """An order's use of a cart and its promotions. An undone one whose cart is None is a tombstone: it was undone before it came."""

    __tablename__ = "redemption"
    __table_args__ = (
        states("status", RedemptionStatus),
        CheckConstraint("status = 'undone' OR (cart_id IS NOT NULL AND owner_id IS NOT NULL)"),
        Index("redemption_owner_id", "owner_id", postgresql_where=text("status = 'redeemed' AND NOT is_cancelled")),
        Index("redemption_email_digest", "email_digest", postgresql_where=text("status = 'redeemed' AND NOT is_cancelled")),
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
    """Orders placed and not cancelled, by the id of the buyer and by the digest of their address. Below zero only while a cancellation has
    overtaken its order."""

    __tablename__ = "order_count"

    subject: str = Field(primary_key=True)
    placed: int


def digest_of(email: str) -> str:
    """Hex SHA-256 of an address in lower case; empty for the empty one."""
    address = email.strip().lower()
    return hashlib.sha256(address.encode()).hexdigest() if address else ""


async def claim(tx: Tx, redemption: Redemption) -> Redemption | None:
    """Inserts a redemption; None. Where the order has one, that, locked. Waits for a twin in flight."""
    return None if await tx.insert_new(redemption) else await tx.lock(Redemption, redemption.order_id)


async def serialize_buyer(tx: Tx, subjects: Sequence[str]) -> None:
    """Lets one redemption at a time through for a buyer, known by id or by the digest of their address."""
    await tx.fetch(
        "SELECT pg_advisory_xact_lock(hashtextextended(subject, 0)) FROM (SELECT unnest(%s::text[]) AS subject OFFSET 0) AS s",
        [sorted(filter(None, subjects))],
    )


_ON_ITS_WAY: Final = (
    # As the partial indexes say it: plans are generic, and a parameter would hide that they fit.
    text("redemption.status = 'redeemed' AND NOT redemption.is_cancelled"),
    col(Redemption.order_id).is_distinct_from(bindparam("beside", type_=Uuid())),
)
_HAS_ORDERED: Final = prepare(
    select(
        or_(
            exists().where(one_of(OrderCount.subject, "subjects"), col(OrderCount.placed) > 0),
            exists().where(col(Redemption.owner_id) == bindparam("owner_id"), *_ON_ITS_WAY),
            exists().where(col(Redemption.email_digest) == func.nullif(bindparam("email_digest"), ""), *_ON_ITS_WAY),
        )
    )
)


async def has_ordered(read: Read, owner_id: UUID | None, email_digest: str, *, beside: UUID | None = None) -> bool:
    """Whether a buyer, by id or address, has an order beside this one: placed as events told, or on its way and not undone."""
    subjects = [subject for subject in (str(owner_id or ""), email_digest) if subject]
    return bool(await read.one(_HAS_ORDERED, owner_id=owner_id, subjects=subjects, email_digest=email_digest, beside=beside))


async def count(tx: Tx, subjects: Sequence[str], by: int) -> None:
    """Adds to the orders of these subjects, in one order for all."""
    await tx.run(
        "INSERT INTO order_count AS c (subject, placed) SELECT subject, %s FROM (SELECT unnest(%s::text[]) AS subject OFFSET 0) AS s"
        " ON CONFLICT (subject) DO UPDATE SET placed = c.placed + excluded.placed",
        [by, sorted(filter(None, subjects))],
    )


_CANCEL: Final = prepare(update(Redemption).where(col(Redemption.order_id) == bindparam("id")).values(is_cancelled=True))


async def cancel(tx: Tx, order_id: UUID) -> None:
    """An order was cancelled after it was placed: it does not count as the buyer's any more. What it used stays used."""
    await tx.execute(_CANCEL, id=order_id)
