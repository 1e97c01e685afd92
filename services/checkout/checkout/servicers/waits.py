"""Waits of calls for an order or a refund."""

import time
from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID

from chassis.data.tx import Read
from chassis.rpc.server import Call
from checkout.cancellations.model import Cancellation, CancellationStatus
from checkout.orders.model import Order, OrderStatus
from checkout.orders.queries import get_order, load_views
from checkout.orders.view import OrderView
from checkout.payments.refunds import Refund, RefundStatus
from checkout.returns.model import Return, ReturnStatus
from checkout.wiring import Components

# Part of the caller's deadline that is left for the reply.
_REPLY_SECONDS: Final = 0.3


class Patience:
    """Time that a call may wait, for all its waits together, from when this is made."""

    def __init__(
        self, most_seconds: float, call: Call, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._until = clock() + min(most_seconds, max(call.remaining_seconds - _REPLY_SECONDS, 0))

    @property
    def seconds_left(self) -> float:
        """Returns what is left of it."""
        return max(self._until - self._clock(), 0)


async def wait_for_order(
    components: Components, order_id: UUID, call: Call, patience: Patience
) -> OrderView:
    """Returns an order once it is settled or waits for its buyer, or when the time is over.

    Raises the stored refusal of a refused order. At most `complete_waiters` calls wait for an
    order; further calls return at once.
    """
    background = components.background
    with background.limit_waiters(order_id, patience.seconds_left) as seconds:
        view = await background.wait_until(
            order_id, partial(_find_settled, order_id=order_id), within=seconds
        )
    if view is None:
        async with call.read() as read:
            view = await get_order(read, order_id)
    if view.order.status is OrderStatus.REFUSED:
        raise view.order.refusal
    return view


async def wait_for_refund(
    components: Components, refund_id: UUID, patience: Patience
) -> RefundStatus | None:
    """Returns the status of a refund once it is done or failed, or None when the time is over."""
    find = partial(_find_ended, refund_id=refund_id)
    return await components.background.wait_until(refund_id, find, within=patience.seconds_left)


async def wait_for_cancellation(
    components: Components, cancellation_id: UUID, patience: Patience
) -> None:
    """Waits until a cancellation of lines is done, or until the time is over."""
    find = partial(_find_done, cancellation_id=cancellation_id)
    within = patience.seconds_left
    await components.background.wait_until(cancellation_id, find, within=within)


async def wait_for_return(components: Components, return_id: UUID, patience: Patience) -> None:
    """Waits until the stock and the money of a return are back, or until the time is over."""
    find, within = partial(_find_completed, return_id=return_id), patience.seconds_left
    await components.background.wait_until(return_id, find, within=within)


async def _find_completed(read: Read, *, return_id: UUID) -> Return | None:
    found = await read.get(Return, return_id)
    if found is None or not found.is_restocked or found.status is ReturnStatus.REFUNDING:
        return None
    return found


async def _find_done(read: Read, *, cancellation_id: UUID) -> Cancellation | None:
    found = await read.get(Cancellation, cancellation_id)
    return found if found and found.status is CancellationStatus.DONE else None


async def _find_settled(read: Read, *, order_id: UUID) -> OrderView | None:
    order = await read.get(Order, order_id)
    if order is None or not (order.is_settled or order.status is OrderStatus.ACTION_REQUIRED):
        return None
    return (await load_views(read, [order]))[0]


async def _find_ended(read: Read, *, refund_id: UUID) -> RefundStatus | None:
    refund = await read.get(Refund, refund_id)
    return None if refund is None or refund.status is RefundStatus.PENDING else refund.status
