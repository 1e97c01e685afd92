"""Taking a provider's webhooks. They are hints: what happened is asked of the provider, so that they may come twice, late and in any order."""

from typing import Final
from uuid import UUID

from chassis import timers
from chassis.db import Tx
from checkout.orders import Order, OrderStatus
from checkout.placing import ADVANCE_TIMER
from checkout.providers import WebhookEvent

STRAY_TIMER: Final = "payment.check"
# An order that is over should have no money: it is looked at again.
_OVER: Final = (OrderStatus.REFUSED, OrderStatus.CANCELLED)
_MONEY_EVENTS: Final = ("payment.authorized", "payment.captured")


async def receive(tx: Tx, provider: str, event: WebhookEvent) -> UUID | None:
    """Takes an event, once. Returns the order that should be advanced now, if one waits for this; a timer does it if we die before.

    Most events tell what the saga knows already: those write nothing.
    """
    try:
        order_id = UUID(event.reference)
    except ValueError:
        return None
    order = await tx.get(Order, order_id)
    is_waiting = order is not None and order.status is OrderStatus.ACTION_REQUIRED
    is_stray = event.type in _MONEY_EVENTS and (order is None or order.status in _OVER)
    if not (is_waiting or is_stray) or not await _is_first(tx, provider, event):
        return None
    if is_waiting:
        await timers.schedule(tx, ADVANCE_TIMER, str(order_id), tx.now, lease_seconds=5)
        return order_id
    await timers.schedule(tx, STRAY_TIMER, str(order_id), tx.now)
    return None


async def _is_first(tx: Tx, provider: str, event: WebhookEvent) -> bool:
    return bool(
        await tx.run(
            "INSERT INTO webhook_event (provider, event_id, received_at) VALUES (%s, %s, clock_timestamp()) ON CONFLICT DO NOTHING",
            [provider, event.id],
        )
    )
