"""Events of carts and checkouts. Each names its cart, so that a purchase can be followed."""

from datetime import UTC, timedelta
from uuid import UUID

from google.protobuf.message import Message

from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from chassis.runtime.clock import uuid7
from journey import metrics
from journey.handlers.recording import Fact, Recorder
from journey.reminders.actions import schedule_reminder
from journey.reminders.model import FOR_GOOD, Reminder, ReminderLine
from sojourn.cart.v1 import events_pb2 as cart
from sojourn.checkout.v1 import events_pb2 as checkout


class CartHandlers(Recorder):
    """Handlers of cart's events, and of the checkout that begins from one."""

    async def on_line_added(self, tx: Tx, event: cart.CartLineAdded, envelope: Envelope) -> None:
        self._shopper_is_back(tx, event.cart_id, event.version)
        fact = Fact(
            kind="cart.line_added",
            owner_id=event.owner_id,
            channel=event.channel,
            subject=event.cart_id,
            properties={
                "cart_id": event.cart_id,
                "variant_id": event.variant_id,
                "product_slug": event.product_slug or None,
                "quantity": event.quantity.steps,
            },
        )
        await self._record(tx, envelope, fact)

    async def on_abandoned(self, tx: Tx, event: cart.CartAbandoned, envelope: Envelope) -> None:
        """Sets the reminder, where the shopper agreed to one."""
        if event.email and self._settings.notifications_target:
            delay = timedelta(seconds=self._settings.rule_delay_seconds)
            if await schedule_reminder(tx, _reminder(event, envelope), delay=delay):
                metrics.reminders.labels("scheduled").inc()
        fact = Fact(
            kind="cart.abandoned",
            owner_id=event.owner_id,
            channel=event.channel,
            subject=event.cart_id,
            properties={
                "cart_id": event.cart_id,
                "lines": len(event.lines),
                "subtotal_minor": event.subtotal.amount_minor,
                "currency": event.subtotal.currency,
            },
        )
        await self._record(tx, envelope, fact)

    async def on_merged(self, tx: Tx, event: cart.CartMerged, envelope: Envelope) -> None:
        self._shopper_is_back(tx, event.cart_id, event.version)
        self._shopper_is_back(tx, event.guest_id, FOR_GOOD)
        fact = Fact(
            kind="cart.merged",
            subject=event.cart_id,
            owner_id=event.guest_id,
            customer_id=event.customer_id,
            properties={"cart_id": event.cart_id},
        )
        await self._record(tx, envelope, fact)

    async def on_restored(self, tx: Tx, event: cart.CartRestored, envelope: Envelope) -> None:
        self._shopper_is_back(tx, event.cart_id, event.version)
        if event.saved_cart_id != event.cart_id:
            self._shopper_is_back(tx, event.saved_cart_id, FOR_GOOD)
        fact = Fact(
            kind="cart.restored",
            owner_id=event.owner_id,
            subject=event.cart_id,
            properties={"cart_id": event.cart_id},
        )
        await self._record(tx, envelope, fact)

    async def on_checkout_started(
        self, tx: Tx, event: checkout.CheckoutStarted, envelope: Envelope
    ) -> None:
        fact = Fact(
            kind="checkout.started",
            owner_id=event.owner_id,
            channel=event.channel,
            subject=event.checkout_id,
            properties={"cart_id": event.cart_id, "checkout_id": event.checkout_id},
        )
        await self._record(tx, envelope, fact)

    @property
    def events(self) -> dict[type[Message], EventHandler]:
        """Handlers by event."""
        return {
            cart.CartLineAdded: self.on_line_added,
            cart.CartAbandoned: self.on_abandoned,
            cart.CartMerged: self.on_merged,
            cart.CartRestored: self.on_restored,
            checkout.CheckoutStarted: self.on_checkout_started,
        }


def _reminder(event: cart.CartAbandoned, envelope: Envelope) -> Reminder:
    return Reminder(
        id=uuid7(),
        cart_id=UUID(event.cart_id),
        cart_version=event.version,
        owner_id=UUID(event.owner_id),
        email=event.email,
        locale=event.locale,
        channel=event.channel,
        currency=event.subtotal.currency,
        lines=[
            ReminderLine(UUID(line.variant_id), line.title, line.quantity.steps)
            for line in event.lines
        ],
        restore_token=event.restore_token,
        agreed_at=event.last_activity_at.ToDatetime(UTC),
        abandoned_at=envelope.occurred_at,
    )
