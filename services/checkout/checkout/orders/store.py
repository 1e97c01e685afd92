"""Writes of orders: number, state and history."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, bindparam, func, literal_column, update
from sqlmodel import col

from chassis import telemetry
from chassis.data import timers
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from checkout.errors.orders import OrderNotFound
from checkout.loyalty.model import BOOK_POINTS
from checkout.orders.model import (
    ISSUE_DOCUMENTS,
    ISSUE_GIFT_CARDS,
    Actor,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
)

_DELIVER: Final = (
    "UPDATE order_line SET shipped_quantity = quantity WHERE order_id = %s AND id = ANY(%s)"
)
# A parameter of `concat` has no type.
_DASH: Final[ColumnElement[str]] = literal_column("'-'")
_CHANGES: Final[dict[str, BindParameter[Any]]] = {
    "version": bindparam("new_version"),
    "status": bindparam("new_status"),
    "begun": bindparam("new_begun"),
    "refusal_reason": bindparam("new_reason"),
    "refusal_metadata": bindparam("new_metadata"),
    "placed_at": bindparam("new_placed_at"),
    "pickup": bindparam("new_pickup"),
    "pickup_keeps_until": bindparam("new_keeps_until"),
}
_UPDATE: Final = update(Order).where(
    col(Order.id) == bindparam("order_id"), col(Order.version) == bindparam("new_version") - 1
)
_SAVE: Final = prepare(_UPDATE.values(_CHANGES))
# The function makes a sequence with the first order of a channel. It runs for the row that is
# written alone: who loses the race for the order takes no number.
_SAVE_PLACED: Final = prepare(
    _UPDATE.values(
        {
            **_CHANGES,
            "number": func.coalesce(
                col(Order.number),
                func.concat(
                    col(Order.number_prefix), _DASH, func.next_order_number(bindparam("numbering"))
                ),
            ),
        }
    ).returning(col(Order.number))
)


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
    if not await tx.execute(_SAVE, **_changes_of(order)):
        raise VersionMismatch("another transaction changed the order")


async def save_placed_order(tx: Tx, order: Order) -> None:
    """Writes the columns that change after the insert, and takes the next number of the channel.

    Numbers of rolled-back transactions leave gaps. An order of an older release has a number
    already. Raises VersionMismatch if another transaction changed the order.
    """
    order.version += 1
    order.number = await tx.one(_SAVE_PLACED, numbering=order.numbering, **_changes_of(order))
    if order.number is None:
        raise VersionMismatch("another transaction changed the order")


def _changes_of(order: Order) -> dict[str, object]:
    return {
        "order_id": order.id,
        "new_version": order.version,
        "new_status": order.status,
        "new_begun": order.begun,
        "new_reason": order.refusal_reason,
        "new_metadata": order.refusal_metadata,
        "new_placed_at": order.placed_at,
        "new_pickup": order.pickup,
        "new_keeps_until": order.pickup_keeps_until,
    }


async def deliver_unsent_lines(tx: Tx, order: Order, lines: Sequence[OrderLine]) -> bool:
    """Delivers the lines of a placed, paid order that are not sent. Returns whether it has any.

    An order of nothing else is delivered; the caller writes it and its history. A timer of the same
    commit issues gift cards.
    """
    unsent = [line for line in lines if not line.needs_delivery]
    if not unsent:
        return False
    for line in unsent:
        line.shipped_quantity = line.quantity
    await schedule_documents(tx, order)
    if not order.is_synthetic and any(line.gift_card_worth_minor for line in unsent):
        await timers.schedule(tx, ISSUE_GIFT_CARDS, str(order.id), tx.now)
    await tx.run(_DELIVER, [order.id, [line.id for line in unsent]])
    if len(unsent) == len(lines) and order.status is OrderStatus.PLACED:
        order.become(OrderStatus.DELIVERED)
    return True


async def schedule_documents(tx: Tx, order: Order) -> None:
    """Sets the timer that issues the documents that an order may be due from this commit on.

    And the one that books the points that it earns, or that a refund takes back.
    """
    if order.is_synthetic:
        return
    await timers.schedule(tx, ISSUE_DOCUMENTS, str(order.id), tx.now)
    if order.earns is not None:
        await timers.schedule(tx, BOOK_POINTS, str(order.id), tx.now)


def record_status(tx: Tx, order: Order, actor: Actor) -> OrderEvent:
    """Adds the status of an order to its history; written with the commit."""
    return _record(tx, order, actor)


def record_refund(tx: Tx, order: Order, refund_id: UUID, actor: Actor) -> OrderEvent:
    """Adds a refund to the history of an order; written with the commit."""
    return _record(tx, order, actor, refund_id)


def record_cancellation(tx: Tx, order: Order, cancellation_id: UUID, actor: Actor) -> OrderEvent:
    """Adds a cancellation of lines to the history of an order; written with the commit."""
    return _record(tx, order, actor, cancellation_id=cancellation_id)


def _record(
    tx: Tx,
    order: Order,
    actor: Actor,
    refund_id: UUID | None = None,
    cancellation_id: UUID | None = None,
) -> OrderEvent:
    event = OrderEvent(
        id=uuid7(),
        order_id=order.id,
        status=order.status,
        at=tx.now,
        actor=actor,
        trace_id=telemetry.trace_id(),
        refund_id=refund_id,
        cancellation_id=cancellation_id,
    )
    tx.deferred.insert(event)
    return event
