"""Handlers of the events of checkout and identity."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from google.protobuf.message import Message

from catalog.digital_goods.bundled import take_back_parts
from catalog.digital_goods.deliver import (
    deliver_digital_goods,
    is_refunded,
    take_back_digital_goods,
)
from catalog.engagement import erase_contributions
from catalog.purchases.actions import cancel_order, record_guest, record_order
from catalog.related.together import TogetherSettings, count_together
from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from sojourn.checkout.v1 import events_pb2 as checkout_pb2
from sojourn.checkout.v1.bank_transfers_pb2 import OrderPaid
from sojourn.checkout.v1.checkout_pb2 import Order
from sojourn.checkout.v1.return_events_pb2 import ReturnReceived, ReturnRefunded
from sojourn.identity.v1 import events_pb2 as identity_pb2

# Of a mailed download link, unless a setting says otherwise.
_MAILED: Final = timedelta(days=7)


def order_handlers(
    settings: TogetherSettings, *, mailed_link_lifetime: timedelta = _MAILED
) -> dict[type[Message], EventHandler]:
    """Handlers of the events of orders."""

    async def on_order_placed(tx: Tx, event: checkout_pb2.OrderPlaced, envelope: Envelope) -> None:
        """Records who bought which products, and that they were bought together.

        Digital goods are the buyer's if they are paid.
        """
        order = event.order
        if order.synthetic:
            return
        await deliver_digital_goods(tx, order, link_lifetime=mailed_link_lifetime)
        products, buyer_id = _products_of(order), _id_of(order.owner_id)
        if await record_order(tx, UUID(order.id), buyer_id, products, envelope.occurred_at):
            count_together(tx, products, 1, settings.every_seconds)

    async def on_order_paid(tx: Tx, event: OrderPaid, envelope: Envelope) -> None:
        """Gives digital goods whose money came after the order was placed."""
        if not event.order.synthetic:
            await deliver_digital_goods(tx, event.order, link_lifetime=mailed_link_lifetime)

    async def on_order_refunded(
        tx: Tx, event: checkout_pb2.OrderRefunded, envelope: Envelope
    ) -> None:
        """Takes digital goods back once all of the money is."""
        if is_refunded(event.order):
            await take_back_digital_goods(tx, UUID(event.order.id))

    async def on_order_cancelled(
        tx: Tx, event: checkout_pb2.OrderCancelled, envelope: Envelope
    ) -> None:
        """Takes a purchase back; arrives before or after the placing."""
        order = event.order
        if order.synthetic:
            return
        await take_back_digital_goods(tx, UUID(order.id))
        products, buyer_id = _products_of(order), _id_of(order.owner_id)
        if await cancel_order(tx, UUID(order.id), buyer_id, products, envelope.occurred_at):
            count_together(tx, products, -1, settings.every_seconds)

    async def on_lines_back(
        tx: Tx,
        event: checkout_pb2.OrderLinesCancelled | ReturnReceived | ReturnRefunded,
        envelope: Envelope,
    ) -> None:
        """Takes back the digital goods of bundles that were cancelled or came back."""
        if not event.order.synthetic:
            await take_back_parts(tx, event.order)

    return {
        checkout_pb2.OrderLinesCancelled: on_lines_back,
        ReturnReceived: on_lines_back,
        ReturnRefunded: on_lines_back,
        checkout_pb2.OrderPlaced: on_order_placed,
        OrderPaid: on_order_paid,
        checkout_pb2.OrderRefunded: on_order_refunded,
        checkout_pb2.OrderCancelled: on_order_cancelled,
    }


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
    await erase_contributions(tx, UUID(event.customer_id), email=event.email)


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


_OF_IDENTITY: Final[dict[type[Message], EventHandler]] = {
    identity_pb2.CustomerRegistered: on_customer_registered,
    identity_pb2.CustomerLoggedIn: on_customer_logged_in,
    identity_pb2.CustomerErased: on_customer_erased,
}


def events(
    settings: TogetherSettings, *, mailed_link_lifetime: timedelta = _MAILED
) -> dict[type[Message], EventHandler]:
    """Handlers by event."""
    return {**order_handlers(settings, mailed_link_lifetime=mailed_link_lifetime), **_OF_IDENTITY}
