"""Writes of orders: number, state and history."""

from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, update
from sqlmodel import col, select

from chassis import telemetry
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from checkout.errors import OrderNotFound
from checkout.orders.model import Actor, Order, OrderEvent

# The function makes a sequence with the first order of a channel.
_NEXT_NUMBER: Final = prepare(
    select(func.next_order_number(bindparam("channel_id"), type_=BigInteger))
)
_SAVE: Final = prepare(
    update(Order)
    .where(
        col(Order.id) == bindparam("order_id"), col(Order.version) == bindparam("new_version") - 1
    )
    .values(
        version=bindparam("new_version"),
        status=bindparam("new_status"),
        begun=bindparam("new_begun"),
        refusal_reason=bindparam("new_reason"),
        refusal_metadata=bindparam("new_metadata"),
        placed_at=bindparam("new_placed_at"),
    )
)


async def next_order_number(tx: Tx, channel_id: str, prefix: str) -> str:
    """Returns the next order number of a channel, e.g. S-100042.

    Numbers of rolled-back transactions leave gaps.
    """
    return f"{prefix}-{await tx.one(_NEXT_NUMBER, channel_id=channel_id)}"


async def lock_order(tx: Tx, order_id: UUID) -> Order:
    """Returns an order, locked until the transaction ends. Raises OrderNotFound."""
    order = await tx.lock(Order, order_id)
    if order is None:
        raise OrderNotFound
    return order


async def save_order(tx: Tx, order: Order) -> None:
    """Writes the columns that change after the insert.

    Raises VersionMismatch if another transaction changed the order.
    """
    order.version += 1
    if not await tx.execute(
        _SAVE,
        order_id=order.id,
        new_version=order.version,
        new_status=order.status,
        new_begun=order.begun,
        new_reason=order.refusal_reason,
        new_metadata=order.refusal_metadata,
        new_placed_at=order.placed_at,
    ):
        raise VersionMismatch("another transaction changed the order")


def record_status(tx: Tx, order: Order, actor: Actor) -> OrderEvent:
    """Adds the status of an order to its history; written with the commit."""
    return _record(tx, order, actor)


def record_refund(tx: Tx, order: Order, refund_id: UUID, actor: Actor) -> OrderEvent:
    """Adds a refund to the history of an order; written with the commit."""
    return _record(tx, order, actor, refund_id)


def _record(tx: Tx, order: Order, actor: Actor, refund_id: UUID | None = None) -> OrderEvent:
    event = OrderEvent(
        id=uuid7(),
        order_id=order.id,
        status=order.status,
        at=tx.now,
        actor=actor,
        trace_id=telemetry.trace_id(),
        refund_id=refund_id,
    )
    tx.deferred.insert(event)
    return event
