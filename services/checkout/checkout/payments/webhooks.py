"""Taking a provider's webhooks. They are hints: what happened is asked of the provider, so that they may come twice, late and in any order."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, bindparam
from sqlmodel import select

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.rows import Field, Row
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.runtime.clock import real_now
from checkout.orders.model import Order, OrderStatus
from checkout.payments.provider import WebhookEvent
from checkout.placing.place_order import ADVANCE_TIMER

STRAY_TIMER: Final = "payment.check"
# An order that is over should have no money: it is looked at again.
_OVER: Final = (OrderStatus.REFUSED, OrderStatus.CANCELLED)
_MONEY_EVENTS: Final = ("payment.authorized", "payment.captured")


_STATUS: Final = prepare(select(Order.status).where(Order.id == bindparam("order_id")))


class ReceivedWebhook(Row, table=True):
    """A webhook that was taken: the provider delivers at least once. `received_at` is real time."""

    __tablename__ = "webhook_event"
    __table_args__ = (Index("webhook_event_received_at", "received_at"),)

    provider: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    received_at: datetime


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
        status = await read.one(_STATUS, order_id=order_id)
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
    return await tx.insert_new(ReceivedWebhook(provider=provider, event_id=event.id, received_at=real_now()))
