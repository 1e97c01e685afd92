"""Handlers of the events of checkout and identity."""

from typing import Final
from uuid import UUID

from google.protobuf.message import Message

from catalog.engagement import erase_contributions
from catalog.purchases.actions import cancel_order, record_guest, record_order
from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from sojourn.checkout.v1 import events_pb2 as checkout_pb2
from sojourn.checkout.v1.checkout_pb2 import Order
from sojourn.identity.v1 import events_pb2 as identity_pb2


async def on_order_placed(tx: Tx, event: checkout_pb2.OrderPlaced, envelope: Envelope) -> None:
    """Records who bought which products."""
    order = event.order
    if not order.synthetic:
        products = _products_of(order)
        await record_order(
            tx, UUID(order.id), _id_of(order.owner_id), products, envelope.occurred_at
        )


async def on_order_cancelled(
    tx: Tx, event: checkout_pb2.OrderCancelled, envelope: Envelope
) -> None:
    """Takes a purchase back; arrives before or after the placing."""
    order = event.order
    if not order.synthetic:
        products = _products_of(order)
        await cancel_order(
            tx, UUID(order.id), _id_of(order.owner_id), products, envelope.occurred_at
        )


async def on_customer_registered(
    tx: Tx, event: identity_pb2.CustomerRegistered, envelope: Envelope
) -> None:
    """Makes the purchases of the guest the customer's."""
    await _convert(tx, event)


async def on_customer_logged_in(
    tx: Tx, event: identity_pb2.CustomerLoggedIn, envelope: Envelope
) -> None:
    """Makes the purchases of the guest the customer's."""
    await _convert(tx, event)


async def on_customer_erased(
    tx: Tx, event: identity_pb2.CustomerErased, envelope: Envelope
) -> None:
    """Makes what the customer left beside products nobody's."""
    await erase_contributions(tx, UUID(event.customer_id))


async def _convert(
    tx: Tx, event: identity_pb2.CustomerRegistered | identity_pb2.CustomerLoggedIn
) -> None:
    if event.guest_id:
        await record_guest(tx, UUID(event.guest_id), UUID(event.customer_id))


def _products_of(order: Order) -> list[UUID]:
    found = (_id_of(line.item.product_id) for line in order.lines)
    return [product_id for product_id in found if product_id is not None]


def _id_of(text: str) -> UUID | None:
    """Returns None for what is no id: lines of older releases name no product."""
    try:
        return UUID(text)
    except ValueError:
        return None


EVENTS: Final[dict[type[Message], EventHandler]] = {
    checkout_pb2.OrderPlaced: on_order_placed,
    checkout_pb2.OrderCancelled: on_order_cancelled,
    identity_pb2.CustomerRegistered: on_customer_registered,
    identity_pb2.CustomerLoggedIn: on_customer_logged_in,
    identity_pb2.CustomerErased: on_customer_erased,
}
