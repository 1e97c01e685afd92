"""Reads, locks and counters of redemptions."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, exists, func, or_, text, update
from sqlmodel import col, select

from cart.redemptions.model import OrderCount, Redemption
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx


async def claim_redemption(tx: Tx, redemption: Redemption) -> Redemption | None:
    """Inserts a redemption and returns None; if the order has one, locks and returns that.

    Waits for a twin in flight.
    """
    return (
        None if await tx.insert_new(redemption) else await tx.lock(Redemption, redemption.order_id)
    )


async def lock_buyer(tx: Tx, subjects: Sequence[str]) -> None:
    """Waits until no other redemption of a buyer, by id or address digest, is in flight."""
    await tx.fetch(
        "SELECT pg_advisory_xact_lock(hashtextextended(subject, 0)) FROM (SELECT "
        "unnest(%s::text[]) AS subject OFFSET 0) AS s",
        [sorted(filter(None, subjects))],
    )


_IN_FLIGHT: Final = (
    # As the partial indexes say it: plans are generic, and a parameter would hide that they fit.
    text("redemption.status = 'redeemed' AND NOT redemption.is_cancelled"),
    col(Redemption.order_id).is_distinct_from(bindparam("beside", type_=Uuid())),
)
_HAS_ORDERED: Final = prepare(
    select(
        or_(
            exists().where(one_of(OrderCount.subject, "subjects"), col(OrderCount.placed) > 0),
            exists().where(col(Redemption.owner_id) == bindparam("owner_id"), *_IN_FLIGHT),
            exists().where(
                col(Redemption.email_digest) == func.nullif(bindparam("email_digest"), ""),
                *_IN_FLIGHT,
            ),
        )
    )
)


async def has_ordered(
    read: Read, owner_id: UUID | None, email_digest: str, *, beside: UUID | None = None
) -> bool:
    """Returns whether a buyer, by id or address, has another order, placed or in flight."""
    subjects = [subject for subject in (str(owner_id or ""), email_digest) if subject]
    return bool(
        await read.one(
            _HAS_ORDERED,
            owner_id=owner_id,
            subjects=subjects,
            email_digest=email_digest,
            beside=beside,
        )
    )


async def add_orders(tx: Tx, subjects: Sequence[str], by: int) -> None:
    """Adds `by` to the orders of these subjects. All transactions lock them in one order."""
    await tx.run(
        "INSERT INTO order_count AS c (subject, placed) SELECT subject, %s FROM (SELECT "
        "unnest(%s::text[]) AS subject OFFSET 0) AS s"
        " ON CONFLICT (subject) DO UPDATE SET placed = c.placed + excluded.placed",
        [by, sorted(filter(None, subjects))],
    )


_CANCEL: Final = prepare(
    update(Redemption).where(col(Redemption.order_id) == bindparam("id")).values(is_cancelled=True)
)


async def mark_cancelled(tx: Tx, order_id: UUID) -> None:
    """Marks the redemption of a cancelled order: it no longer counts as the buyer's order.

    Its promotions stay used.
    """
    await tx.execute(_CANCEL, id=order_id)
