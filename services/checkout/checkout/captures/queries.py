"""Reads of captures and of authorized payments."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, func, select

from chassis.data.statements import one_of
from chassis.data.tx import Read
from checkout.captures.model import CaptureStatus, PaymentCapture
from checkout.orders.model import PAID, Order
from checkout.payments.model import CapturePoint, Payment, PaymentStatus

_HELD = [PaymentStatus.AUTHORIZED.value, PaymentStatus.PARTIALLY_CAPTURED.value]


async def find_captures(read: Read, order_ids: Sequence[UUID]) -> list[PaymentCapture]:
    """Returns the captures of orders, oldest first."""
    query = select(PaymentCapture).where(one_of(PaymentCapture.order_id, order_ids))
    return await read.all(query.order_by(col(PaymentCapture.id)))


async def find_captures_of(read: Read, payment_id: UUID) -> list[PaymentCapture]:
    """Returns the captures of a payment, oldest first."""
    query = select(PaymentCapture).where(PaymentCapture.payment_id == payment_id)
    return await read.all(query.order_by(col(PaymentCapture.id)))


async def list_captures(
    read: Read, *, status: CaptureStatus | None, before: UUID | None, limit: int
) -> list[PaymentCapture]:
    """Returns captures before an id, newest first; without a status each."""
    query = select(PaymentCapture)
    if status is not None:
        query = query.where(col(PaymentCapture.status) == status)
    if before is not None:
        query = query.where(col(PaymentCapture.id) < before)
    return await read.all(query.order_by(col(PaymentCapture.id).desc()).limit(limit))


async def list_authorizations(read: Read, *, limit: int) -> list[tuple[Payment, Order]]:
    """Returns payments of placed orders that are not taken yet, those that lapse first."""
    query = (
        select(Payment, Order)
        .join(Order, col(Order.id) == col(Payment.order_id))
        .where(
            one_of(Payment.status, _HELD),
            col(Payment.capture_at) == CapturePoint.SHIPMENT,
            one_of(Order.status, [each.value for each in PAID]),
        )
        .order_by(col(Payment.authorization_expires_at), col(Payment.id))
        .limit(limit)
    )
    return await read.all(query)


async def count_lapsing(read: Read, before: datetime) -> int:
    """Returns how many payments that are to be taken with a shipment lapse before a moment."""
    query = (
        select(func.count())
        .select_from(Payment)
        .join(Order, col(Order.id) == col(Payment.order_id))
        .where(
            one_of(Payment.status, _HELD),
            col(Payment.capture_at) == CapturePoint.SHIPMENT,
            col(Payment.authorization_expires_at) < before,
            one_of(Order.status, [each.value for each in PAID]),
        )
    )
    return await read.one(query) or 0


async def count_failed(read: Read) -> int:
    """Returns how many captures failed and were not tried again."""
    query = select(func.count()).select_from(PaymentCapture)
    return await read.one(query.where(col(PaymentCapture.status) == CaptureStatus.FAILED)) or 0
