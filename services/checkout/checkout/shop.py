"""What the servicers share: whom they ask, and how they wait for an order."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.data.tx import Read
from chassis.rpc.server import Call
from checkout.background import Background
from checkout.checkouts.price_tables import SEEDED, PriceTables
from checkout.orders import view as order_views
from checkout.orders.cancel import Cancellations
from checkout.orders.model import Order, OrderStatus
from checkout.orders.view import OrderView
from checkout.payments.refund import Refunds
from checkout.peers import Customers
from checkout.placing.advance import Saga
from checkout.placing.steps import Parties
from checkout.reconciliation.reconcile import Reconciler
from checkout.settings import CheckoutSettings

# What is left of the caller's deadline must carry the answer.
_ANSWER_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Shop:
    """What a process of checkout is made of."""

    settings: CheckoutSettings
    parties: Parties
    customers: Customers
    saga: Saga
    refunds: Refunds
    cancellations: Cancellations
    reconciler: Reconciler
    background: Background
    tables: PriceTables = SEEDED


def patience(shop: Shop, call: Call) -> float:
    """For how many seconds a call may wait."""
    return min(shop.settings.complete_wait_seconds, max(call.remaining_seconds - _ANSWER_SECONDS, 0))


async def settled(shop: Shop, order_id: UUID, call: Call) -> OrderView:
    """Returns the order once it is settled or needs its buyer, or as it is when the time is over. Raises its stored refusal.

    Of many calls that repeat one order only some wait (`complete_waiters`); the others get the order as it is at once.
    """

    async def look(read: Read) -> OrderView | None:
        order = await read.get(Order, order_id)
        if order is None or not (order.is_settled or order.status is OrderStatus.ACTION_REQUIRED):
            return None
        return (await order_views.of(read, [order]))[0]

    with shop.background.patience_for(order_id, patience(shop, call)) as seconds:
        view = await shop.background.until(order_id, look, within=seconds)
    if view is None:
        async with call.read() as read:
            view = await order_views.with_id(read, order_id)
    if view.order.status is OrderStatus.REFUSED:
        raise view.order.refusal
    return view
