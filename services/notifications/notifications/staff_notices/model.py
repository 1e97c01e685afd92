"""Recipients of mails to the staff, the notices, and what is still to be told of."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text

from chassis.data.rows import Field, Row, counter, document, minor

# Names the timer that mails of low stock. It has one key.
STOCK_TIMER: Final = "staff.low_stock"
# Of a shop, each of which is mailed in the transaction of an event.
MOST_RECIPIENTS: Final = 200
EVIDENCE_DUE_HOURS: Final = 48
MOST_EVIDENCE_DUE_HOURS: Final = 720


class StaffNoticeKind(StrEnum):
    DISPUTE_OPENED = "dispute_opened"
    EVIDENCE_DUE = "evidence_due"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    ORDER_UNDER_REVIEW = "order_under_review"
    REFUND_OWED = "refund_owed"
    STOCK_LOW = "stock_low"


class StaffNoticeRecipient(Row, table=True):
    """A recipient of mails to the staff. Without `channels` it is told of all of them.

    `evidence_due_hours` is the time before the date of evidence at which it is reminded.
    """

    __tablename__ = "staff_notice_recipient"
    __table_args__ = (CheckConstraint("evidence_due_hours > 0"),)

    code: str = Field(primary_key=True)
    email: str = Field(repr=False)
    locale: str
    kinds: list[StaffNoticeKind] = document(list[StaffNoticeKind])
    channels: list[str] = document(list[str])
    evidence_due_hours: int
    is_enabled: bool
    version: int = counter(default=1)

    def gets(self, kind: StaffNoticeKind, channel: str) -> bool:
        """Returns whether it is mailed a kind of notice of a channel; empty is no channel."""
        is_told_of_channel = not self.channels or not channel or channel in self.channels
        return self.is_enabled and kind in self.kinds and is_told_of_channel

    @property
    def evidence_due_before(self) -> timedelta:
        """The time before the date of evidence at which it is reminded."""
        return timedelta(hours=self.evidence_due_hours)


class DisputedPayment(Row, table=True):
    """A dispute as checkout told of it last; `order_version` is that of the event.

    `respond_by` is None where the provider takes no evidence, or no longer.
    """

    __tablename__ = "disputed_payment"
    __table_args__ = (
        Index(
            "disputed_payment_respond_by",
            "respond_by",
            postgresql_where=text("respond_by IS NOT NULL"),
        ),
    )

    dispute_id: UUID = Field(primary_key=True)
    order_version: int = counter()
    number: str
    channel: str
    reason: str
    currency: str
    amount_minor: int = minor()
    respond_by: datetime | None = None


class LowStock(Row, table=True):
    """A stock level that fell to its threshold and of which the staff is not mailed yet."""

    __tablename__ = "low_stock"

    variant_id: UUID = Field(primary_key=True)
    warehouse: str = Field(primary_key=True)
    sku: str
    left_steps: int = counter()


@dataclass(frozen=True, slots=True)
class StaffNotice:
    """A notice for the staff. `subject` names for good what it is about, once a recipient."""

    kind: StaffNoticeKind
    subject: str
    channel: str
    variables: dict[str, Any] = field(repr=False)
