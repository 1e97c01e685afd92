"""Cancellations of lines: the rows, and what a call asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from chassis.data.rows import Field, Row, code, document, minor, states
from checkout.idempotency import IdempotencyKey
from checkout.payments.model import OrderReason

# Kind of the timer that completes a cancellation of lines.
COMPLETE_CANCELLATION: Final = "cancellation.complete"


class CancellationStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class CancelledUnits:
    """The steps of an order line from `start` to `end`, which are cancelled."""

    order_line_id: UUID
    variant_id: UUID
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CancelLines:
    """A call of CancelOrderLines. Quantities are steps by order line."""

    order_id: UUID
    quantities: Mapping[UUID, int]
    reason: OrderReason
    key: IdempotencyKey
    expected_version: int = 0


class Cancellation(Row, table=True):
    """Quantities of an order that were cancelled before they shipped.

    Amounts are minor units of the order's currency: what was paid for the goods and what goes back
    of the delivery's price; of both together, what is refunded and what is no longer owed.
    """

    __tablename__ = "order_cancellation"
    __table_args__ = (
        states("status", CancellationStatus),
        states("reason", OrderReason),
        UniqueConstraint("caller", "idempotency_key"),
        CheckConstraint("refunded_minor + voided_minor <= goods_minor + delivery_minor"),
        Index("order_cancellation_order", "order_id"),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    caller: str
    idempotency_key: str
    fingerprint: bytes
    status: CancellationStatus = code(CancellationStatus, default=CancellationStatus.PENDING)
    reason: OrderReason = code(OrderReason)
    lines: list[CancelledUnits] = document(list[CancelledUnits])
    goods_minor: int = minor()
    delivery_minor: int = minor()
    refunded_minor: int = minor()
    voided_minor: int = minor()
    created_at: datetime

    @property
    def quantities(self) -> dict[UUID, int]:
        """Steps by variant."""
        found: dict[UUID, int] = {}
        for each in self.lines:
            found[each.variant_id] = found.get(each.variant_id, 0) + each.end - each.start
        return found
