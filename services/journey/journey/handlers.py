"""Handlers of events and timers: each event is one touchpoint, once, if consent holds."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from uuid import UUID

from google.protobuf.message import Message

from chassis.data.database import Database
from chassis.data.timers import Timer, TimerHandler
from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from chassis.rpc.documents import enum_name
from chassis.runtime.clock import uuid7
from journey import metrics
from journey import wire as messages
from journey.consents.model import Answer, answer_of
from journey.consents.withdraw import record_account_consent
from journey.peers import Catalog, ReminderChannel
from journey.reminders.actions import (
    cancel_reminders,
    find_objection,
    schedule_reminder,
    settle_reminder,
)
from journey.reminders.model import FOR_GOOD, TIMER, Reason, Reminder, ReminderLine, Status
from journey.settings import Settings
from journey.touchpoints.model import (
    MOST_SESSION,
    Source,
    Touchpoint,
    parse_reason,
    serialize_properties,
)
from journey.touchpoints.record import Seen, record_touchpoints
from sojourn.cart.v1 import events_pb2 as cart
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import events_pb2 as checkout
from sojourn.common.v1 import money_pb2
from sojourn.identity.v1 import events_pb2 as identity
from sojourn.notifications.v1 import events_pb2 as notifications
from sojourn.notifications.v1.notifications_pb2 import MessageReason, Topic


class Trust(Enum):
    """Trust that the visitor of an event's trace is the shopper of the event."""

    SHOPPER = "shopper"
    # A saga may go on in a webhook's trace, whose visitor is nobody. A consent in the baggage tells
    # a shopper's browser.
    IF_CONSENTED = "if_consented"
    # Staff ship and cancel, and their visitor is no shopper.
    OWNER_ONLY = "owner_only"


def seen_of(
    envelope: Envelope,
    now: datetime,
    kind: str,
    *,
    owner_id: str = "",
    customer_id: str = "",
    trust: Trust = Trust.SHOPPER,
    channel: str = "",
    subject: str = "",
    outcome: str = "ok",
    reason: str = "",
    properties: Mapping[str, object] | None = None,
) -> Seen | None:
    """An event's touchpoint; None where it tells of nobody.

    An owner is a guest until they are known to be a customer.
    """
    carried = baggage_of(envelope.headers)
    answer = answer_of(carried.get("consent", ""))
    if trust is Trust.OWNER_ONLY or (trust is Trust.IF_CONSENTED and answer is not Answer.GRANTED):
        carried, answer = {}, Answer.UNKNOWN
    visitor_id, guest_id, customer = (
        _uuid(carried.get("visitor", "")),
        _uuid(owner_id),
        _uuid(customer_id),
    )
    if visitor_id is None and guest_id is None and customer is None:
        return None
    row = Touchpoint(
        id=envelope.event_id,
        visitor_id=visitor_id,
        guest_id=guest_id if guest_id != customer else None,
        customer_id=customer,
        trace_id=messages.trace_of(envelope.trace_id),
        occurred_at=envelope.occurred_at,
        received_at=now,
        duration_ms=None,
        kind=kind,
        source=Source.EVENT,
        channel=channel or carried.get("channel", ""),
        outcome=outcome,
        reason=parse_reason(reason),
        subject=subject,
        session_id=carried.get("session", "")[:MOST_SESSION],
        properties=serialize_properties(messages.texts_of(properties or {})),
    )
    return Seen(row, answer)


def baggage_of(headers: Mapping[str, str]) -> dict[str, str]:
    """All that an event's baggage carries."""
    return dict(
        part.strip().split("=", 1) for part in headers.get("baggage", "").split(",") if "=" in part
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


class Handlers:
    """Handlers of events, in any order."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def _record(self, tx: Tx, seen: Seen | None) -> None:
        """With all other events of the batch: any order is right."""
        if seen is None:
            return
        row = seen.touchpoint
        if not row.channel:
            seen = Seen(row._replace(channel=self._settings.default_channel), seen.answer)
        tx.gather(seen, self._record_all, named="touchpoints")

    async def _record_all(self, tx: Tx, seen: list[Seen]) -> None:
        metrics.count(
            Source.EVENT, await record_touchpoints(tx, seen, self._settings.is_granted_by_default)
        )

    async def on_registered(
        self, tx: Tx, event: identity.CustomerRegistered, envelope: Envelope
    ) -> None:
        """A registration within a visitor's session makes their history the customer's."""
        owner_id, customer_id = event.guest_id, event.customer_id
        await self._record(
            tx,
            seen_of(
                envelope,
                tx.now,
                "account.registered",
                channel=event.channel,
                owner_id=owner_id,
                customer_id=customer_id,
            ),
        )

    async def on_logged_in(
        self, tx: Tx, event: identity.CustomerLoggedIn, envelope: Envelope
    ) -> None:
        owner_id, customer_id = event.guest_id, event.customer_id
        await self._record(
            tx,
            seen_of(
                envelope, tx.now, "account.logged_in", owner_id=owner_id, customer_id=customer_id
            ),
        )

    async def on_consent_changed(
        self, tx: Tx, event: identity.ConsentChanged, envelope: Envelope
    ) -> None:
        """Keeps the account's answers; a refusal of analytics deletes what was stored."""
        at, granted = envelope.occurred_at, dict(event.granted)
        if await record_account_consent(
            tx, UUID(event.customer_id), granted, version=event.version, at=at
        ):
            metrics.withdrawals.labels("account").inc()
            return
        await self._record(
            tx,
            seen_of(
                envelope,
                tx.now,
                "account.consent_changed",
                customer_id=event.customer_id,
                properties=granted,
            ),
        )

    async def on_line_added(self, tx: Tx, event: cart.CartLineAdded, envelope: Envelope) -> None:
        self._shopper_is_back(tx, event.cart_id, event.version)
        facts = {"variant_id": event.variant_id, "quantity": event.quantity.steps}
        await self._record(
            tx,
            seen_of(
                envelope,
                tx.now,
                "cart.line_added",
                owner_id=event.owner_id,
                channel=event.channel,
                subject=event.cart_id,
                properties=facts,
            ),
        )

    async def on_abandoned(self, tx: Tx, event: cart.CartAbandoned, envelope: Envelope) -> None:
        """Sets the reminder, where the shopper agreed to one."""
        if event.email and self._settings.notifications_target:
            delay = timedelta(seconds=self._settings.rule_delay_seconds)
            if await schedule_reminder(tx, _reminder(event, envelope), delay=delay):
                metrics.reminders.labels("scheduled").inc()
        facts = {
            "lines": len(event.lines),
            "subtotal_minor": event.subtotal.amount_minor,
            "currency": event.subtotal.currency,
        }
        await self._record(
            tx,
            seen_of(
                envelope,
                tx.now,
                "cart.abandoned",
                owner_id=event.owner_id,
                channel=event.channel,
                subject=event.cart_id,
                properties=facts,
            ),
        )

    async def on_merged(self, tx: Tx, event: cart.CartMerged, envelope: Envelope) -> None:
        self._shopper_is_back(tx, event.cart_id, event.version)
        self._shopper_is_back(tx, event.guest_id, FOR_GOOD)
        owner_id, customer_id = event.guest_id, event.customer_id
        await self._record(
            tx,
            seen_of(
                envelope,
                tx.now,
                "cart.merged",
                subject=event.cart_id,
                owner_id=owner_id,
                customer_id=customer_id,
            ),
        )

    async def on_restored(self, tx: Tx, event: cart.CartRestored, envelope: Envelope) -> None:
        self._shopper_is_back(tx, event.cart_id, event.version)
        if event.saved_cart_id != event.cart_id:
            self._shopper_is_back(tx, event.saved_cart_id, FOR_GOOD)
        await self._record(
            tx,
            seen_of(
                envelope, tx.now, "cart.restored", owner_id=event.owner_id, subject=event.cart_id
            ),
        )

    async def on_checkout_started(
        self, tx: Tx, event: checkout.CheckoutStarted, envelope: Envelope
    ) -> None:
        facts = {"cart_id": event.cart_id}
        await self._record(
            tx,
            seen_of(
                envelope,
                tx.now,
                "checkout.started",
                owner_id=event.owner_id,
                channel=event.channel,
                subject=event.checkout_id,
                properties=facts,
            ),
        )

    async def on_placed(self, tx: Tx, event: checkout.OrderPlaced, envelope: Envelope) -> None:
        self._shopper_is_back(tx, event.cart_id, FOR_GOOD)
        await self._record(
            tx, _of_order(envelope, tx.now, "order.placed", event.order, Trust.IF_CONSENTED)
        )

    async def on_refused(self, tx: Tx, event: checkout.OrderRefused, envelope: Envelope) -> None:
        await self._record(
            tx,
            seen_of(
                envelope,
                tx.now,
                "order.refused",
                owner_id=event.owner_id,
                trust=Trust.IF_CONSENTED,
                channel=event.channel,
                subject=event.order_id,
                outcome="refused",
                reason=event.reason,
            ),
        )

    async def on_cancelled(
        self, tx: Tx, event: checkout.OrderCancelled, envelope: Envelope
    ) -> None:
        await self._record(
            tx, _of_order(envelope, tx.now, "order.cancelled", event.order, Trust.OWNER_ONLY)
        )

    async def on_shipped(self, tx: Tx, event: checkout.OrderShipped, envelope: Envelope) -> None:
        await self._record(
            tx, _of_order(envelope, tx.now, "order.shipped", event.order, Trust.OWNER_ONLY)
        )

    async def on_delivered(
        self, tx: Tx, event: checkout.OrderDelivered, envelope: Envelope
    ) -> None:
        await self._record(
            tx, _of_order(envelope, tx.now, "order.delivered", event.order, Trust.OWNER_ONLY)
        )

    async def on_refunded(self, tx: Tx, event: checkout.OrderRefunded, envelope: Envelope) -> None:
        facts = {"amount_minor": event.amount.amount_minor, "currency": event.amount.currency}
        await self._record(
            tx,
            seen_of(
                envelope,
                tx.now,
                "order.refunded",
                owner_id=event.owner_id,
                trust=Trust.OWNER_ONLY,
                subject=event.order_id,
                properties=facts,
            ),
        )

    async def on_message_sent(
        self, tx: Tx, event: notifications.MessageSent, envelope: Envelope
    ) -> None:
        await self._record(tx, _of_message(envelope, tx.now, "email.sent", event))

    async def on_message_failed(
        self, tx: Tx, event: notifications.MessageFailed, envelope: Envelope
    ) -> None:
        reason = enum_name(MessageReason.DESCRIPTOR, event.reason).upper()
        await self._record(
            tx, _of_message(envelope, tx.now, "email.failed", event, outcome="error", reason=reason)
        )

    def _shopper_is_back(self, tx: Tx, key_id: str, version: int) -> None:
        if key := _uuid(key_id):
            tx.gather((key, version), self._note_returns, named="returns")

    async def _note_returns(self, tx: Tx, returns: list[tuple[UUID, int]]) -> None:
        metrics.reminders.labels(Reason.CAME_BACK).inc(
            await cancel_reminders(tx, dict(sorted(returns)))
        )

    @property
    def events(self) -> dict[type[Message], EventHandler]:
        """Handlers by event."""
        return {
            identity.CustomerRegistered: self.on_registered,
            identity.CustomerLoggedIn: self.on_logged_in,
            identity.ConsentChanged: self.on_consent_changed,
            cart.CartLineAdded: self.on_line_added,
            cart.CartAbandoned: self.on_abandoned,
            cart.CartMerged: self.on_merged,
            cart.CartRestored: self.on_restored,
            checkout.CheckoutStarted: self.on_checkout_started,
            checkout.OrderPlaced: self.on_placed,
            checkout.OrderRefused: self.on_refused,
            checkout.OrderCancelled: self.on_cancelled,
            checkout.OrderShipped: self.on_shipped,
            checkout.OrderDelivered: self.on_delivered,
            checkout.OrderRefunded: self.on_refunded,
            notifications.MessageSent: self.on_message_sent,
            notifications.MessageFailed: self.on_message_failed,
        }


def _of_order(
    envelope: Envelope, now: datetime, kind: str, order: checkout_pb2.Order, trust: Trust
) -> Seen | None:
    """An order's touchpoint; None where it tells of nobody."""
    total = next(
        (total.amount for total in order.totals if total.type == money_pb2.TOTAL_TYPE_TOTAL), None
    )
    facts = {
        "lines": len(order.lines),
        "total_minor": total.amount_minor if total else None,
        "currency": order.currency,
        "promotions": " ".join(order.promotion_codes),
    }
    return seen_of(
        envelope,
        now,
        kind,
        owner_id=order.owner_id,
        trust=trust,
        channel=order.channel,
        subject=order.id,
        properties=facts,
    )


def _of_message(
    envelope: Envelope,
    now: datetime,
    kind: str,
    event: notifications.MessageSent | notifications.MessageFailed,
    *,
    outcome: str = "ok",
    reason: str = "",
) -> Seen | None:
    return seen_of(
        envelope,
        now,
        kind,
        owner_id=event.owner_id,
        trust=Trust.OWNER_ONLY,
        channel=event.channel,
        outcome=outcome,
        reason=reason,
        subject=event.order_id or event.cart_id,
        properties={"template": event.template, "topic": enum_name(Topic.DESCRIPTOR, event.topic)},
    )


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


def timers(
    database: Database, catalog: Catalog, channel: ReminderChannel
) -> dict[str, TimerHandler]:
    """Handlers of the journey's timers.

    They ask for the truth at the moment of sending; what is away is asked again later.
    """

    async def remind(timer: Timer) -> None:
        async with database.read() as read:
            reminder = await read.get(Reminder, UUID(timer.key))
            if reminder is None or reminder.status is not Status.SCHEDULED:
                return
            reason = await find_objection(read, reminder)
        if reason is None:
            lines = await catalog.lines_in_stock(reminder)
            if lines:
                reason = await channel.send(
                    reminder, lines, expires_at=database.clock.now() + timedelta(days=1)
                )
            else:
                reason = Reason.OUT_OF_STOCK
        status = Status.CANCELLED if reason else Status.SENT
        if await settle_reminder(database, reminder.id, status, reason or ""):
            metrics.reminders.labels(reason or "sent").inc()

    return {TIMER: remind}
