"""Captures of authorized payments: table and states."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Index, Integer, Text, text

from chassis.data.rows import Field, Row, code, column, minor, states

# Kinds of timers. The key of the first is the id of a capture, that of the second of a payment.
CAPTURE: Final = "payment.capture"
RELEASE: Final = "payment.release"


class CaptureStatus(StrEnum):
    """States of a capture."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class PaymentCapture(Row, table=True):
    """A part of an authorized payment that is taken with a shipment.

    Each attempt has a key of its own at the provider. `captured_before_minor` is what was taken of
    the payment when it began: captures of a payment follow each other, so that a lost answer is
    found. After the last one nothing of the order is left to ship.
    """

    __tablename__ = "payment_capture"
    __table_args__ = (
        states("status", CaptureStatus),
        CheckConstraint("amount_minor > 0"),
        Index("payment_capture_order", "order_id"),
        Index("payment_capture_payment", "payment_id", "id"),
        Index("payment_capture_status", "status", "id"),
        Index(
            "payment_capture_captured",
            "captured_at",
            "id",
            postgresql_where=text("captured_at IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    payment_id: UUID = Field(foreign_key="payment.id")
    shipment_id: UUID | None = Field(default=None, foreign_key="shipment.id")
    status: CaptureStatus = code(CaptureStatus, default=CaptureStatus.PENDING)
    currency: str
    amount_minor: int = minor()
    captured_before_minor: int = column(BigInteger, default=0, server_default="0")
    is_last: bool = column(Boolean, default=False, server_default="false")
    failure_code: str = column(Text, default="", server_default="''")
    attempt: int = column(Integer, default=0, server_default="0")
    created_at: datetime
    captured_at: datetime | None = None

    @property
    def provider_key(self) -> str:
        """The idempotency key at the provider: it may repeat a refusal under the same one."""
        return f"{self.id}:{self.attempt}" if self.attempt else str(self.id)
