"""Disputes of payments: table and states."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from chassis.data.rows import Field, Row, code, counter, minor, states
from checkout.payments.provider import DisputeStatus

# Kind of the timer that asks the provider for a dispute; its key is `provider:dispute`.
CHECK_DISPUTE: Final = "payment.check_dispute"


class PaymentDispute(Row, table=True):
    """A dispute of a payment, as its provider told of it last.

    The money is the provider's affair: it takes it, and gives it back if the shop wins. Of one that
    is lost, `covered_minor` is what refunds of the payment did not have to give back again.
    """

    __tablename__ = "payment_dispute"
    __table_args__ = (
        UniqueConstraint("provider", "provider_dispute_id"),
        states("status", DisputeStatus),
        CheckConstraint("amount_minor > 0"),
        CheckConstraint("covered_minor >= 0"),
        Index("payment_dispute_order", "order_id"),
        Index("payment_dispute_status", "status", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    order_id: UUID = Field(foreign_key="orders.id")
    payment_id: UUID = Field(foreign_key="payment.id")
    provider: str
    provider_dispute_id: str
    status: DisputeStatus = code(DisputeStatus)
    reason: str
    currency: str
    amount_minor: int = minor()
    covered_minor: int = minor(default=0)
    respond_by: datetime | None = None
    opened_at: datetime
