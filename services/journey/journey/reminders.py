"""Reminders of abandoned carts: one for each abandonment, sent at most once, and what shoppers did meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read, Tx

TIMER: Final = "remind_of_cart"
# After a merge or an order a cart is not abandoned any more, whatever version of it was.
FOR_GOOD: Final = 2**63 - 1


class Status(StrEnum):
    SCHEDULED = "scheduled"
    SENT = "sent"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why a reminder was not sent."""

    CAME_BACK = "came_back"
    OUT_OF_STOCK = "out_of_stock"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    # Notifications did not send it: the address is not confirmed, unsubscribed, or got enough mails for a day.
    NOT_ALLOWED = "not_allowed"


TRANSITIONS: Final = {Status.SCHEDULED: {Status.SENT, Status.CANCELLED}, Status.SENT: set[Status](), Status.CANCELLED: set[Status]()}


@dataclass(kw_only=True)
class Reminder(Row, table="reminder"):
    """A reminder. Holds an address until it is settled. `lines` are `{variant_id, title, quantity}`; `agreed_at` is the cart's last change."""

    id: UUID
    cart_id: UUID
    cart_version: int
    owner_id: UUID
    email: str
    locale: str
    channel: str
    currency: str
    lines: list[dict[str, Any]]
    restore_token: str
    agreed_at: datetime
    abandoned_at: datetime
    status: Status = Status.SCHEDULED
    reason: str = ""
    settled_at: datetime | None = None

    def become(self, status: Status, at: datetime, reason: str = "") -> bool:
        """Settles it and forgets the address. Returns False, changing nothing, where it is settled already."""
        if status not in TRANSITIONS[self.status]:
            return False
        self.status, self.reason, self.settled_at = status, reason, at
        self.email, self.restore_token, self.lines = "", "", []
        return True

    @property
    def message_key(self) -> str:
        """Names its message for good."""
        return f"cart-reminder:{self.cart_id}:{self.cart_version}"


async def schedule(tx: Tx, reminder: Reminder) -> bool:
    """Keeps a reminder; returns False where its abandonment has one."""
    if await tx.fetch_one("SELECT 1 FROM reminder WHERE cart_id = %s AND cart_version = %s", [reminder.cart_id, reminder.cart_version]):
        return False
    await tx.insert(reminder)
    return True


async def note_activity(tx: Tx, versions: Mapping[UUID, int]) -> None:
    """Keeps that shoppers were at their carts, each at a version of it, or that a guest's carts were merged."""
    keys = sorted(versions)
    await tx.run(
        "INSERT INTO cart_activity (key_id, version, seen_at) SELECT *, %s FROM unnest(%s::uuid[], %s::bigint[])"
        " ON CONFLICT (key_id) DO UPDATE SET version = greatest(cart_activity.version, excluded.version), seen_at = excluded.seen_at",
        [tx.now, keys, [versions[key] for key in keys]],
    )


async def has_come_back(read: Read, reminder: Reminder) -> bool:
    """Whether the shopper was at the cart after it was abandoned, ordered it, or took it elsewhere."""
    found = await read.fetch_one(
        "SELECT 1 FROM cart_activity WHERE (key_id = %s AND version > %s) OR (key_id = %s AND version = %s)",
        [reminder.cart_id, reminder.cart_version, reminder.owner_id, FOR_GOOD],
    )
    return found is not None


async def open_reminders_of(tx: Tx, key_ids: Sequence[UUID]) -> list[Reminder]:
    """Those that are still to be sent for carts or owners, locked."""
    return await tx.find(
        Reminder,
        "WHERE (cart_id = ANY(%(ids)s) OR owner_id = ANY(%(ids)s)) AND status = 'scheduled' ORDER BY id FOR UPDATE",
        {"ids": list(key_ids)},
    )


async def sweep(tx: Tx, before: datetime) -> None:
    """Deletes what was settled, and what shoppers did, before a time."""
    await tx.run("DELETE FROM reminder WHERE settled_at < %s", [before])
    await tx.run("DELETE FROM cart_activity WHERE seen_at < %s", [before])
