"""Reads of recipients, and of disputes whose evidence is due."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from chassis.data.tx import Read
from notifications.errors import StaffNoticeRecipientNotFound
from notifications.staff_notices.model import (
    MOST_EVIDENCE_DUE_HOURS,
    DisputedPayment,
    StaffNoticeKind,
    StaffNoticeRecipient,
)


async def get_recipient(read: Read, code: str) -> StaffNoticeRecipient:
    """Returns a recipient. Raises StaffNoticeRecipientNotFound."""
    found = await read.get(StaffNoticeRecipient, code) if code.isprintable() else None
    if found is None:
        raise StaffNoticeRecipientNotFound(code=code[:40])
    return found


async def list_recipients(read: Read, *, after: str, limit: int) -> list[StaffNoticeRecipient]:
    """Returns recipients after a code, in the order of their codes."""
    query = select(StaffNoticeRecipient).where(col(StaffNoticeRecipient.code) > after)
    return await read.all(query.order_by(col(StaffNoticeRecipient.code)).limit(limit))


async def find_recipients(
    read: Read, kind: StaffNoticeKind, channel: str
) -> list[StaffNoticeRecipient]:
    """Returns the recipients of a kind of notice of a channel, by code."""
    query = select(StaffNoticeRecipient).where(col(StaffNoticeRecipient.is_enabled))
    rows = await read.all(query.order_by(col(StaffNoticeRecipient.code)))
    return [each for each in rows if each.gets(kind, channel)]


async def find_due_evidence(read: Read) -> list[DisputedPayment]:
    """Returns disputes whose evidence is due within the longest time of a reminder."""
    until = read.now + timedelta(hours=MOST_EVIDENCE_DUE_HOURS)
    query = select(DisputedPayment).where(
        col(DisputedPayment.respond_by) > read.now, col(DisputedPayment.respond_by) <= until
    )
    return await read.all(query.order_by(col(DisputedPayment.respond_by)))


async def find_known_keys(read: Read, keys: Sequence[str]) -> set[str]:
    """Returns which of some dedupe keys a mail has."""
    rows = await read.fetch("SELECT dedupe_key FROM mail WHERE dedupe_key = ANY(%s)", [list(keys)])
    return {str(row[0]) for row in rows}
