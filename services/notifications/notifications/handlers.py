"""What others' events ask for."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from chassis.db import Tx
from chassis.events import Envelope, EventHandler
from notifications import composing, metrics, preferences, queueing, recipients
from notifications.errors import InvalidRecipient
from notifications.queueing import Wish
from sojourn.checkout.v1 import events_pb2 as checkout_pb2
from sojourn.identity.v1 import events_pb2 as identity_pb2


def _mails(compose: Callable[[Any], Wish]) -> Callable[[Tx, Any, Envelope], Awaitable[None]]:
    """A handler that queues the mail that `compose` makes of the event."""

    async def on_event(tx: Tx, event: Any, envelope: Envelope) -> None:
        wish = compose(event)
        if not wish.recipient:
            metrics.mails.labels("without_address").inc()
            return
        await queueing.queue(tx, wish)

    return on_event


async def on_customer_registered(tx: Tx, event: identity_pb2.CustomerRegistered, envelope: Envelope) -> None:
    """Notes which address is the customer's, for their preferences, and welcomes them."""
    try:
        await preferences.know(tx, UUID(event.customer_id), recipients.digest_of(recipients.normalized(event.email)))
    except InvalidRecipient:
        pass
    await _mails(composing.welcome)(tx, event, envelope)


# OrderRefunded carries no address and asks for no mail: the mail of a cancelled order says what goes back.
EVENTS: dict[type[Message], EventHandler] = {
    identity_pb2.CustomerRegistered: on_customer_registered,
    checkout_pb2.OrderPlaced: _mails(composing.order_confirmation),
    checkout_pb2.OrderShipped: _mails(composing.order_shipped),
    checkout_pb2.OrderDelivered: _mails(composing.order_delivered),
    checkout_pb2.OrderCancelled: _mails(composing.order_cancelled),
}
