"""Webhooks of payment providers.

They are hints: the provider is asked for the facts, so webhooks may be late, repeated and in any
order.
"""

from typing import Final
from uuid import UUID

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.runtime.clock import real_now
from checkout.orders.model import ADVANCE_ORDER, OrderStatus
from checkout.orders.queries import find_order_status
from checkout.payments.model import CHECK_PAYMENT, ReceivedWebhook
from checkout.payments.provider import WebhookEvent

# These orders should have no money at the provider.
_OVER: Final = (OrderStatus.REFUSED, OrderStatus.CANCELLED)
_MONEY_EVENTS: Final = ("payment.authorized", "payment.captured")


async def receive_webhook(database: Database, provider: str, event: WebhookEvent) -> UUID | None:
    """Accepts an event once.

    Returns the order to advance now if one waits for its buyer; a timer advances it if this process
    dies.

    Most events report what the saga knows already: those write nothing. The order may change after
    its status is read, which is safe: the saga and the check of the payment ask the provider.
    """
    try:
        order_id = UUID(event.reference)
    except ValueError:
        return None
    async with database.read() as read:
        status = await find_order_status(read, order_id)
    is_waiting = status is OrderStatus.ACTION_REQUIRED
    if not is_waiting and not (event.type in _MONEY_EVENTS and (status is None or status in _OVER)):
        return None
    async with database.tx() as tx:
        if not await _is_first(tx, provider, event):
            return None
        if is_waiting:
            await timers.schedule(tx, ADVANCE_ORDER, str(order_id), tx.now, lease_seconds=5)
            return order_id
        await timers.schedule(tx, CHECK_PAYMENT, str(order_id), tx.now)
        return None


async def _is_first(tx: Tx, provider: str, event: WebhookEvent) -> bool:
    return await tx.insert_new(
        ReceivedWebhook(provider=provider, event_id=event.id, received_at=real_now())
    )
