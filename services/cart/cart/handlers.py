"""Handlers of the events of checkout and identity, and of the timers of cart."""

from uuid import UUID

from google.protobuf.message import Message

from cart import metrics
from cart.carts.abandon import abandon_cart
from cart.carts.forget import FORGET_BUYER, forget_buyer, forget_carts
from cart.carts.links import RestoreLinks
from cart.carts.model import ABANDON
from cart.redemptions.queries import add_orders, mark_cancelled
from chassis.data.database import Database
from chassis.data.timers import Timer, TimerHandler
from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from sojourn.checkout.v1 import events_pb2
from sojourn.identity.v1 import events_pb2 as identity_pb2


async def on_order_placed(tx: Tx, event: events_pb2.OrderPlaced, envelope: Envelope) -> None:
    """Counts an order for its buyer, by id and by address."""
    await add_orders(tx, (event.order.owner_id, event.email_digest), 1)


async def on_order_cancelled(tx: Tx, event: events_pb2.OrderCancelled, envelope: Envelope) -> None:
    """Takes the order off its buyer's count; arrives before or after the placing."""
    await add_orders(tx, (event.order.owner_id, event.email_digest), -1)
    await mark_cancelled(tx, UUID(event.order.id))


async def on_customer_erased(
    tx: Tx, event: identity_pb2.CustomerErased, envelope: Envelope
) -> None:
    """Forgets the carts of a customer and their address."""
    await forget_buyer(tx, UUID(event.customer_id), event.email)


EVENTS: dict[type[Message], EventHandler] = {
    events_pb2.OrderPlaced: on_order_placed,
    events_pb2.OrderCancelled: on_order_cancelled,
    identity_pb2.CustomerErased: on_customer_erased,
}


def timers(database: Database, links: RestoreLinks) -> dict[str, TimerHandler]:
    """Handlers of the cart's timers."""

    async def abandon(timer: Timer) -> None:
        async with database.tx() as tx:
            is_abandoned = await abandon_cart(
                tx, UUID(timer.key), version=int(timer.payload["version"]), links=links
            )
        if is_abandoned:
            metrics.carts.labels("abandoned").inc()

    async def forget(timer: Timer) -> None:
        async with database.tx() as tx:
            await forget_carts(tx, UUID(timer.key))

    return {ABANDON: abandon, FORGET_BUYER: forget}
