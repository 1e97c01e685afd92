"""Taking a provider's webhooks. They are hints: what happened is asked of the provider, so that they may come twice, late and in any order."""

from typing import Final
from uuid import UUID

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.tx import Tx
from checkout.orders import OrderStatus
from checkout.placing import ADVANCE_TIMER
from checkout.providers import WebhookEvent

STRAY_TIMER: Final = "payment.check"
# An order that is over should have no money: it is looked at again.
_OVER: Final = (OrderStatus.REFUSED, OrderStatus.CANCELLED)
_MONEY_EVENTS: Final = ("payment.authorized", "payment.captured")


async def receive(database: Database, provider: str, event: WebhookEvent) -> UUID | None:
    """Takes an event, once. Returns the order that should be advanced now, if one waits for this; a timer does it if we die before.

    Most events tell what the saga knows already: those write nothing. The order may change after it was looked at: an event is a hint, and
    what it sets off asks for the truth.
    """
    try:
        order_id = UUID(event.reference)
    except ValueError:
        return None
    async with database.read() as read:
        found = await read.fetch_one("SELECT status FROM orders WHERE id = %s", [order_id])
    status = OrderStatus(found[0]) if found else None
    is_waiting = status is OrderStatus.ACTION_REQUIRED
    if not is_waiting and not (event.type in _MONEY_EVENTS and (status is None or status in _OVER)):
        return None
    async with database.tx() as tx:
        if not await _is_first(tx, provider, event):
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
