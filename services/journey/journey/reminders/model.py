"""Reminders of abandoned carts: one an abandonment, sent at most once.

Shoppers' acts in the meantime cancel them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, and_, bindparam, delete, or_, text
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Field, Row, code, counter, document, states
from chassis.data.statements import columns_sql, one_of, prepare
from chassis.data.tx import Read, Tx

TIMER: Final = "remind_of_cart"
# After a merge or an order a cart is not abandoned any more, whatever version of it was.
FOR_GOOD: Final = 2**63 - 1
_LOOP: Final = Loop("reminders")


class Status(StrEnum):
    SCHEDULED = "scheduled"
    SENT = "sent"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Reason why a reminder was not sent."""

    CAME_BACK = "came_back"
    OUT_OF_STOCK = "out_of_stock"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    # Notifications did not send it: the address is not confirmed, unsubscribed, or got enough mails
    # for a day.
    NOT_ALLOWED = "not_allowed"


TRANSITIONS: Final = {
    Status.SCHEDULED: {Status.SENT, Status.CANCELLED},
    Status.SENT: set[Status](),
    Status.CANCELLED: set[Status](),
}


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """A line of an abandoned cart. `quantity` is in 10^-scale units of the variant."""

    variant_id: UUID
    title: str
    quantity: int


class Reminder(Row, table=True):
    """A reminder. Holds an address until it is settled. `agreed_at` is the cart's last change."""

    __tablename__ = "reminder"
    __table_args__ = (
        states("status", Status),
        UniqueConstraint("cart_id", "cart_version"),
        Index("reminder_owner", "owner_id"),
        Index("reminder_settled_at", "settled_at", postgresql_where=text("settled_at IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    cart_id: UUID
    cart_version: int = counter()
    owner_id: UUID
    email: str
    locale: str
    channel: str
    currency: str
    lines: list[ReminderLine] = document(list[ReminderLine])
    restore_token: str
    agreed_at: datetime
    abandoned_at: datetime
    status: Status = code(Status, default=Status.SCHEDULED)
    reason: str = ""
    settled_at: datetime | None = None

    def become(self, status: Status, at: datetime, reason: str = "") -> bool:
        """Settles it and forgets the address.

        Returns False, changing nothing, where it is settled already.
        """
        if status not in TRANSITIONS[self.status]:
            return False
        self.status, self.reason, self.settled_at = status, reason, at
        self.email, self.restore_token, self.lines = "", "", []
        return True

    @property
    def message_key(self) -> str:
        """Names its message for good."""
        return f"cart-reminder:{self.cart_id}:{self.cart_version}"


class CartActivity(Row, table=True):
    """The newest version of a cart at which its shopper was there.

    By a guest's id and FOR_GOOD: the guest's carts are merged.
    """

    __tablename__ = "cart_activity"

    key_id: UUID = Field(primary_key=True)
    version: int = counter()
    seen_at: datetime = Field(index=True)


async def insert_reminder(tx: Tx, reminder: Reminder) -> bool:
    """Keeps a reminder; returns False where its abandonment has one."""
    return await tx.insert_new(reminder)


async def record_cart_activity(tx: Tx, versions: Mapping[UUID, int]) -> None:
    """Records the version at which shoppers saw their carts, or the merge of a guest's carts."""
    keys = sorted(versions)
    await tx.run(_RECORD_ACTIVITY, [tx.now, keys, [versions[key] for key in keys]])


async def has_come_back(read: Read, reminder: Reminder) -> bool:
    """Returns whether the shopper visited, ordered or moved the cart after its abandonment."""
    found = await read.one(
        _ACTIVITY_AFTER,
        cart_id=reminder.cart_id,
        cart_version=reminder.cart_version,
        owner_id=reminder.owner_id,
    )
    return found is not None


async def lock_open_reminders(tx: Tx, key_ids: Sequence[UUID]) -> list[Reminder]:
    """Returns the reminders that are still to be sent for carts or owners, locked.

    One that cannot be read is left out.
    """
    query = select(Reminder).where(
        or_(one_of(Reminder.cart_id, key_ids), one_of(Reminder.owner_id, key_ids)),
        col(Reminder.status) == Status.SCHEDULED,
    )
    return await find_readable(
        tx, Reminder, query.order_by(col(Reminder.id)).with_for_update(), loop=_LOOP
    )


async def delete_old_reminders(tx: Tx, before: datetime) -> None:
    """Deletes what was settled, and what shoppers did, before a time."""
    await tx.execute(_DELETE_REMINDERS, before=before)
    await tx.execute(_DELETE_ACTIVITY, before=before)


_RECORD_ACTIVITY: Final = (
    f"INSERT INTO cart_activity ({columns_sql(CartActivity)}) SELECT n.*, %s FROM "
    "unnest(%s::uuid[], %s::bigint[]) AS n"
    " ON CONFLICT (key_id) DO UPDATE SET version = greatest(cart_activity.version, "
    "excluded.version), seen_at = excluded.seen_at"
)
_ACTIVITY_AFTER: Final = prepare(
    select(CartActivity.key_id).where(
        or_(
            and_(
                col(CartActivity.key_id) == bindparam("cart_id"),
                col(CartActivity.version) > bindparam("cart_version"),
            ),
            and_(
                col(CartActivity.key_id) == bindparam("owner_id"),
                col(CartActivity.version) == FOR_GOOD,
            ),
        )
    )
)
_DELETE_REMINDERS: Final = prepare(
    delete(Reminder).where(col(Reminder.settled_at) < bindparam("before"))
)
_DELETE_ACTIVITY: Final = prepare(
    delete(CartActivity).where(col(CartActivity.seen_at) < bindparam("before"))
)
