"""Reads of orders."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, or_, text
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from checkout.cancellations.queries import find_cancellations
from checkout.errors.orders import OrderNotFound
from checkout.orders.model import UNPLACED, Order, OrderEvent, OrderLine, OrderStatus
from checkout.orders.view import OrderView
from checkout.payments.queries import find_payments, find_refunds
from checkout.shipments.queries import find_shipment_lines, find_shipments

_LOOP: Final = Loop("orders")
# Orders in these have no refunds.
_UNREFUNDED: Final = (*UNPLACED, OrderStatus.REFUSED)
# Orders in these may have shipments.
_SHIPPED: Final = (OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_STATUS: Final = prepare(select(Order.status).where(Order.id == bindparam("order_id")))
_LINES: Final = prepare(
    select(OrderLine)
    .where(one_of(OrderLine.order_id, "order_ids"))
    .order_by(col(OrderLine.order_id), col(OrderLine.position))
)
_HISTORY: Final = prepare(
    select(OrderEvent)
    .where(one_of(OrderEvent.order_id, "order_ids"))
    .order_by(col(OrderEvent.order_id), col(OrderEvent.id))
)


async def get_order(read: Read, order_id: UUID) -> OrderView:
    """Returns an order. Raises OrderNotFound."""
    order = await read.get(Order, order_id)
    if order is None:
        raise OrderNotFound
    return (await load_views(read, [order]))[0]


async def list_orders(
    read: Read,
    *,
    owner_ids: Collection[UUID] | None,
    organization_id: UUID | None = None,
    status: OrderStatus | None,
    before: UUID | None,
    limit: int,
    conditions: Sequence[ColumnElement[bool]] = (),
) -> list[Order]:
    """Returns orders before an id, newest first.

    None as `owner_ids`, `organization_id` or `before` is no filter; None as `status` is each but
    REFUSED, which orders nobody has.
    """
    query = select(Order).where(*conditions).order_by(col(Order.id).desc()).limit(limit)
    if owner_ids is not None:
        query = query.where(one_of(Order.owner_id, list(owner_ids)))
    if organization_id is not None:
        query = query.where(Order.organization_id == organization_id)
    if status is not None:
        query = query.where(Order.status == status)
    else:
        query = query.where(Order.status != OrderStatus.REFUSED)
    if before is not None:
        query = query.where(Order.id < before)
    return await read.all(query)


async def load_views(read: Read, orders: Sequence[Order]) -> list[OrderView]:
    """Returns the views of orders in the same order, with one statement a table."""
    views = {order.id: OrderView(order) for order in orders}
    if not views:
        return []
    ids = list(views)
    for line in await find_order_lines(read, ids):
        views[line.order_id].lines.append(line)
    for payment in await find_payments(read, ids):
        views[payment.order_id].payments.append(payment)
    for event in await read.all(_HISTORY, order_ids=ids):
        views[event.order_id].history.append(event)
    await _load_refunds(read, views.values())
    await _load_shipments(read, views.values())
    await _load_cancellations(read, views.values())
    return list(views.values())


async def find_order_lines(read: Read, order_ids: Sequence[UUID]) -> list[OrderLine]:
    """Returns the lines of orders by position."""
    return await read.all(_LINES, order_ids=list(order_ids))


async def find_order_status(read: Read, order_id: UUID) -> OrderStatus | None:
    """Returns the status of an order, or None if there is no such order."""
    return await read.one(_STATUS, order_id=order_id)


async def find_orders(read: Read, order_ids: Sequence[UUID]) -> dict[UUID, Order]:
    """Returns the orders that exist and whose rows can be decoded."""
    found = await find_readable(
        read, Order, select(Order).where(one_of(Order.id, order_ids)), loop=_LOOP
    )
    return {order.id: order for order in found}


async def find_views(read: Read, order_ids: Iterable[UUID]) -> dict[UUID, OrderView]:
    """Returns the views of the orders that exist and whose rows can be decoded, by order."""
    orders = await find_orders(read, sorted(set(order_ids)))
    return {view.order.id: view for view in await load_views(read, list(orders.values()))}


async def find_order_ids(read: Read, order_ids: Sequence[UUID]) -> set[UUID]:
    """Returns the ids of orders that exist, also of those whose rows cannot be decoded."""
    return set(await read.all(select(Order.id).where(one_of(Order.id, order_ids))))


async def find_stuck_orders(read: Read, before: datetime, *, limit: int = 100) -> list[Order]:
    """Returns unsettled orders created before a moment, oldest first.

    Orders that wait for their buyer are stuck only after their reservation has expired.
    """
    query = (
        select(Order)
        # Verbatim as in the partial index `orders_unsettled`.
        .where(
            text("status IN ('pending', 'action_required', 'cancelling')"),
            Order.created_at < before,
        )
        .where(
            or_(
                col(Order.status) != OrderStatus.ACTION_REQUIRED,
                col(Order.refusal_reason) != "",
                col(Order.expires_at) <= read.now,
            )
        )
        .order_by(col(Order.created_at))
        .limit(limit)
    )
    return await find_readable(read, Order, query, loop=_LOOP)


async def _load_refunds(read: Read, views: Iterable[OrderView]) -> None:
    paid = {view.order.id: view for view in views if view.order.status not in _UNREFUNDED}
    for refund in await find_refunds(read, list(paid)) if paid else ():
        paid[refund.order_id].refunds.append(refund)


async def _load_shipments(read: Read, views: Iterable[OrderView]) -> None:
    shipped = {view.order.id: view for view in views if view.order.status in _SHIPPED}
    if not shipped:
        return
    by_shipment: dict[UUID, OrderView] = {}
    for shipment in await find_shipments(read, list(shipped)):
        shipped[shipment.order_id].shipments.append(shipment)
        by_shipment[shipment.id] = shipped[shipment.order_id]
    for line in await find_shipment_lines(read, list(by_shipment)):
        by_shipment[line.shipment_id].shipment_lines.append(line)


async def _load_cancellations(read: Read, views: Iterable[OrderView]) -> None:
    cut = {
        view.order.id: view for view in views if any(line.cancelled_quantity for line in view.lines)
    }
    for cancellation in await find_cancellations(read, list(cut)) if cut else ():
        cut[cancellation.order_id].cancellations.append(cancellation)
