"""Reads of cancellations of lines."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlmodel import col, select

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from checkout.cancellations.model import Cancellation
from checkout.idempotency import IdempotencyKey
from checkout.payments.refunds import Refund

_OF_ORDERS: Final = prepare(
    select(Cancellation)
    .where(one_of(Cancellation.order_id, "order_ids"))
    .order_by(col(Cancellation.order_id), col(Cancellation.id))
)
_BY_KEY: Final = prepare(
    select(Cancellation).where(
        Cancellation.caller == bindparam("caller"),
        Cancellation.idempotency_key == bindparam("key"),
    )
)
_PENDING_REFUNDS: Final = prepare(
    select(Refund)
    # As in the partial index `refund_pending`.
    .where(text("status = 'pending'"), Refund.order_id == bindparam("order_id"))
    .where(Refund.cancellation_id == bindparam("cancellation_id"))
    .order_by(col(Refund.id))
)


async def find_cancellations(read: Read, order_ids: Sequence[UUID]) -> list[Cancellation]:
    """Returns the cancellations of lines of orders, oldest first."""
    return await read.all(_OF_ORDERS, order_ids=list(order_ids))


async def find_keyed_cancellation(read: Read, key: IdempotencyKey) -> Cancellation | None:
    """Returns the cancellation that a key started.

    Raises KeyReused if the key came with another request.
    """
    found: Cancellation | None = await read.one(_BY_KEY, caller=key.caller, key=key.key)
    if found is not None:
        key.require_same_request(bytes(found.fingerprint))
    return found


async def find_pending_refunds_of(read: Read, cancellation: Cancellation) -> list[Refund]:
    """Returns the refunds of a cancellation that are not done."""
    return await read.all(
        _PENDING_REFUNDS, order_id=cancellation.order_id, cancellation_id=cancellation.id
    )
