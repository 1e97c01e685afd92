"""Orders as promotions know them: how many each buyer placed, and which order used which cart."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read, Tx


class RedemptionStatus(StrEnum):
    REDEEMED = "redeemed"
    UNDONE = "undone"


@dataclass(kw_only=True)
class Redemption(Row, table="redemption", key=("order_id",)):
    """An order's use of a cart and its promotions. An undone one whose cart is None is a tombstone: it was undone before it came."""

    order_id: UUID
    cart_id: UUID | None = None
    owner_id: UUID | None = None
    email_digest: str = ""
    promotion_ids: list[str]
    status: RedemptionStatus
    is_cancelled: bool = False
    is_synthetic: bool = False
    created_at: datetime
    undone_at: datetime | None = None


def digest_of(email: str) -> str:
    """Hex SHA-256 of an address in lower case; empty for the empty one."""
    address = email.strip().lower()
    return hashlib.sha256(address.encode()).hexdigest() if address else ""


async def claim(tx: Tx, redemption: Redemption) -> Redemption | None:
    """Inserts a redemption; None. Where the order has one, that, locked. Waits for a twin in flight."""
    values = redemption.dump()
    inserted = await tx.run(
        "INSERT INTO redemption (order_id, cart_id, owner_id, email_digest, promotion_ids, status, is_cancelled, is_synthetic,"
        " created_at, undone_at)"
        " VALUES (%(order_id)s, %(cart_id)s, %(owner_id)s, %(email_digest)s, %(promotion_ids)s, %(status)s, %(is_cancelled)s,"
        " %(is_synthetic)s, %(created_at)s, %(undone_at)s) ON CONFLICT DO NOTHING",
        values,
    )
    if inserted:
        return None
    return await tx.find_one(Redemption, "WHERE order_id = %s FOR UPDATE", [redemption.order_id])


async def serialize_buyer(tx: Tx, subjects: Sequence[str]) -> None:
    """Lets one redemption at a time through for a buyer, known by id or by the digest of their address."""
    await tx.fetch(
        "SELECT pg_advisory_xact_lock(hashtextextended(subject, 0)) FROM (SELECT unnest(%s::text[]) AS subject OFFSET 0) AS s",
        [sorted(filter(None, subjects))],
    )


async def has_ordered(read: Read, owner_id: UUID | None, email_digest: str, *, beside: UUID | None = None) -> bool:
    """Whether a buyer, by id or address, has an order beside this one: placed as events told, or on its way and not undone."""
    found = await read.fetch_one(
        "SELECT EXISTS (SELECT 1 FROM order_count WHERE subject IN (%(owner_id)s::text, %(email_digest)s) AND placed > 0)"
        " OR EXISTS (SELECT 1 FROM redemption WHERE owner_id = %(owner_id)s AND status = 'redeemed' AND NOT is_cancelled"
        " AND order_id IS DISTINCT FROM %(beside)s)"
        " OR (%(email_digest)s <> '' AND EXISTS (SELECT 1 FROM redemption WHERE email_digest = %(email_digest)s AND status = 'redeemed'"
        " AND NOT is_cancelled AND order_id IS DISTINCT FROM %(beside)s))",
        {"owner_id": owner_id, "email_digest": email_digest, "beside": beside},
    )
    return bool(found and found[0])


async def count(tx: Tx, subjects: Sequence[str], by: int) -> None:
    """Adds to the orders of these subjects, in one order for all."""
    await tx.run(
        "INSERT INTO order_count AS c (subject, placed) SELECT subject, %s FROM (SELECT unnest(%s::text[]) AS subject OFFSET 0) AS s"
        " ON CONFLICT (subject) DO UPDATE SET placed = c.placed + excluded.placed",
        [by, sorted(filter(None, subjects))],
    )


async def cancel(tx: Tx, order_id: UUID) -> None:
    """An order was cancelled after it was placed: it does not count as the buyer's any more. What it used stays used."""
    await tx.run("UPDATE redemption SET is_cancelled = TRUE WHERE order_id = %s", [order_id])
