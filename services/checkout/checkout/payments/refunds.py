"""Refunds of payments: table, states and requests."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Text, UniqueConstraint, text

from chassis.data.rows import Code, Field, Row, code, column, minor, states
from chassis.money import Money
from checkout.idempotency import IdempotencyKey
from checkout.payments.model import OrderReason


class RefundStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class RefundDestination(StrEnum):
    """Destinations of refunds: payments, store credit, or the replacement of goods."""

    ORIGINAL = "original"
    STORE_CREDIT = "store_credit"
    REPLACEMENT = "replacement"


class RepaidBy(StrEnum):
    """Ways in which a refund was paid again that had failed."""

    PROVIDER = "provider"
    BANK_TRANSFER = "bank_transfer"


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A refund of an order. Without an amount: all that is left.

    It may be that of a cancellation of lines, or of a return.
    """

    order_id: UUID
    amount: Money | None
    reason: OrderReason
    key: IdempotencyKey
    cancellation_id: UUID | None = None
    return_id: UUID | None = None
    destination: RefundDestination = RefundDestination.ORIGINAL


class Refund(Row, table=True):
    """A refund of a payment.

    Its id is the idempotency key at the provider; `idempotency_key` is that of the RefundOrder
    call. A call refunds several payments by refunds with one key, numbered by `part`.
    One that failed after the provider had accepted it has `failed_at` and keeps `refunded_at`: once
    it is paid again it has `repaid_at` and by what.
    One with a `customer_id` goes on their store credit instead of back to the payment, one with an
    `exchange_payment_id` pays a replacement.
    """

    __tablename__ = "refund"
    __table_args__ = (
        states("status", RefundStatus),
        states("repaid_by", RepaidBy),
        CheckConstraint("amount_minor > 0"),
        UniqueConstraint("caller", "idempotency_key", "part"),
        Index("refund_order", "order_id"),
        Index(
            "refund_refunded", "refunded_at", "id", postgresql_where=text("refunded_at IS NOT NULL")
        ),
        Index("refund_failed", "id", postgresql_where=text("status = 'failed'")),
        Index("refund_pending", "created_at", postgresql_where=text("status = 'pending'")),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    payment_id: UUID = Field(foreign_key="payment.id")
    caller: str
    idempotency_key: str
    fingerprint: bytes
    status: RefundStatus = code(RefundStatus, default=RefundStatus.PENDING)
    currency: str
    amount_minor: int = minor()
    reason: OrderReason = code(OrderReason)
    created_at: datetime
    refunded_at: datetime | None = None
    part: int = column(Integer, default=0, server_default="0")
    cancellation_id: UUID | None = Field(default=None, foreign_key="order_cancellation.id")
    return_id: UUID | None = Field(default=None, foreign_key="order_return.id")
    customer_id: UUID | None = None
    exchange_payment_id: UUID | None = Field(default=None, foreign_key="payment.id")
    # The first attempt has the id as its key at the provider, a later one a number behind it.
    attempt: int = column(Integer, default=0, server_default="0")
    failure_code: str = column(Text, default="", server_default="''")
    failed_at: datetime | None = None
    repaid_at: datetime | None = None
    repaid_by: RepaidBy | None = column(Code(RepaidBy), default=None, nullable=True)
    repaid_reference: str = column(Text, default="", server_default="''")

    @property
    def destination(self) -> RefundDestination:
        if self.exchange_payment_id is not None:
            return RefundDestination.REPLACEMENT
        if self.customer_id is not None:
            return RefundDestination.STORE_CREDIT
        return RefundDestination.ORIGINAL

    @property
    def is_owed(self) -> bool:
        """Whether it failed after it was told as done: its money is set aside for the buyer."""
        return self.status is RefundStatus.FAILED and self.failed_at is not None

    @property
    def provider_key(self) -> str:
        """The idempotency key at the provider."""
        return f"{self.id}:{self.attempt}" if self.attempt else str(self.id)
