"""Reads of payments and refunds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from checkout.idempotency import IdempotencyKey
from checkout.payments.model import Payment
from checkout.payments.refunds import Refund

_LOOP: Final = Loop("refunds")
_OF_ORDERS: Final = prepare(
    select(Payment)
    .where(one_of(Payment.order_id, "order_ids"))
    .order_by(col(Payment.order_id), col(Payment.id))
)
_REFUNDS_OF_ORDERS: Final = prepare(
    select(Refund)
    .where(one_of(Refund.order_id, "order_ids"))
    .order_by(col(Refund.order_id), col(Refund.id))
)
_REFUND_BY_KEY: Final = prepare(
    select(Refund)
    .where(Refund.caller == bindparam("caller"), Refund.idempotency_key == bindparam("key"))
    .order_by(col(Refund.part))
)
# Verbatim as in the partial index `refund_pending`.
_IS_PENDING: Final = text("status = 'pending'")


async def find_payments(read: Read, order_ids: Sequence[UUID]) -> list[Payment]:
    """Returns the payments of orders."""
    return await read.all(_OF_ORDERS, order_ids=list(order_ids))


async def find_charged_payment(read: Read, payment_id: UUID) -> Payment:
    """Returns the payment by which a provider took the money of a payment.

    That of a replacement takes over a part of one of the order before it: the provider knows the
    money by the reference of the first order.
    """
    payment = await read.get(Payment, payment_id)
    while payment is not None and payment.source_payment_id is not None:
        payment = await read.get(Payment, payment.source_payment_id)
    assert payment is not None, "payments are not deleted"
    return payment


async def find_refunds(read: Read, order_ids: Sequence[UUID]) -> list[Refund]:
    """Returns the refunds of orders, oldest first."""
    return await read.all(_REFUNDS_OF_ORDERS, order_ids=list(order_ids))


async def find_keyed_refunds(read: Read, key: IdempotencyKey) -> list[Refund]:
    """Returns the refunds that a key started, one a payment.

    Raises KeyReused if the key came with another request.
    """
    refunds = await read.all(_REFUND_BY_KEY, caller=key.caller, key=key.key)
    for refund in refunds:
        key.require_same_request(bytes(refund.fingerprint))
    return refunds


async def find_pending_refunds(read: Read, order_id: UUID) -> list[Refund]:
    """Returns the pending refunds of an order."""
    return await read.all(
        select(Refund).where(_IS_PENDING, Refund.order_id == order_id).order_by(col(Refund.id))
    )


async def find_stuck_refunds(read: Read, before: datetime, *, limit: int = 100) -> list[Refund]:
    """Returns pending refunds created before a moment, oldest first."""
    query = (
        select(Refund)
        .where(_IS_PENDING, Refund.created_at < before)
        .order_by(col(Refund.created_at))
        .limit(limit)
    )
    return await find_readable(read, Refund, query, loop=_LOOP)
