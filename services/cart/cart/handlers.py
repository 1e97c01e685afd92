"""Orders, as checkout tells of them: how often a buyer ordered."""

from typing import Final
from uuid import UUID

from google.protobuf.message import Message

from chassis.db import Tx
from chassis.events import Envelope, EventHandler
from sojourn.checkout.v1 import checkout_pb2, events_pb2


async def on_order_placed(tx: Tx, event: events_pb2.OrderPlaced, envelope: Envelope) -> None:
    """Counts the order."""
    await _count(tx, event.order, event.email_digest, is_cancelled=False)


async def on_order_cancelled(tx: Tx, event: events_pb2.OrderCancelled, envelope: Envelope) -> None:
    """Counts it no longer; also where this comes before the placing."""
    await _count(tx, event.order, event.email_digest, is_cancelled=True)


async def _count(tx: Tx, order: checkout_pb2.Order, email_digest: str, *, is_cancelled: bool) -> None:
    await tx.run(
        "INSERT INTO counted_order (order_id, owner_id, email_digest, is_cancelled) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (order_id) DO UPDATE SET is_cancelled = counted_order.is_cancelled OR excluded.is_cancelled",
        [UUID(order.id), UUID(order.owner_id), email_digest, is_cancelled],
    )


HANDLERS: Final[dict[type[Message], EventHandler]] = {events_pb2.OrderPlaced: on_order_placed, events_pb2.OrderCancelled: on_order_cancelled}
