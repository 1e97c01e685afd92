"""Handlers of other services' events: each asks for a mail, or says whose an address is."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from notifications import metrics
from notifications.errors import InvalidRecipient
from notifications.mails import actions as queueing
from notifications.mails import compose as composing
from notifications.mails import recipients
from notifications.mails.actions import MailRules, Wish
from notifications.opt_ins import actions as opting_in
from notifications.opt_ins.actions import OptInRequest
from notifications.preferences import confirmed_addresses
from notifications.preferences import model as preferences
from notifications.preferences.confirmed_addresses import ConfirmedBy
from sojourn.cart.v1 import events_pb2 as cart_pb2
from sojourn.checkout.v1 import events_pb2 as checkout_pb2
from sojourn.identity.v1 import events_pb2 as identity_pb2


class Handlers:
    """Handlers of events, in any order."""

    def __init__(self, rules: MailRules) -> None:
        self._rules = rules

    def _mails(self, compose: Callable[[Any], Wish]) -> Callable[[Tx, Any, Envelope], Awaitable[None]]:
        """A handler that queues the mail that `compose` makes of the event."""

        async def on_event(tx: Tx, event: Any, envelope: Envelope) -> None:
            wish = compose(event)
            if not wish.recipient:
                metrics.mails.labels("without_address").inc()
                return
            await queueing.queue(tx, wish, self._rules)

        return on_event

    async def on_customer_registered(self, tx: Tx, event: identity_pb2.CustomerRegistered, envelope: Envelope) -> None:
        """Records the customer. Nothing proves their address yet: identity asks for the mail that does.

        A release of identity that asks for no proof makes customers who count as confirmed, as those before the upgrade do.
        """
        if not event.confirmation_requested:
            await self._confirm(tx, event, envelope)
        elif digest := self._digest_of(event.email):
            await preferences.record_customer(tx, UUID(event.customer_id), digest, is_confirmed=False)

    async def on_email_confirmed(self, tx: Tx, event: identity_pb2.EmailConfirmed, envelope: Envelope) -> None:
        """Records the address as the customer's, and welcomes them."""
        await self._confirm(tx, event, envelope)

    async def _confirm(self, tx: Tx, event: identity_pb2.EmailConfirmed | identity_pb2.CustomerRegistered, envelope: Envelope) -> None:
        if digest := self._digest_of(event.email):
            await preferences.record_customer(tx, UUID(event.customer_id), digest, is_confirmed=True)
            await confirmed_addresses.confirm(tx, digest, ConfirmedBy.ACCOUNT)
        await self._mails(composing.welcome)(tx, event, envelope)

    async def on_cart_reminder_requested(self, tx: Tx, event: cart_pb2.CartReminderRequested, envelope: Envelope) -> None:
        """Asks the address's owner, where they did not confirm it."""
        request = OptInRequest(event.email, event.locale, event.channel, UUID(event.owner_id), UUID(event.cart_id))
        await opting_in.ask_for_opt_in(tx, request, self._rules)

    def _digest_of(self, email: str) -> str:
        """The digest of an address, or empty for what is none."""
        try:
            return recipients.digest_of(recipients.normalized(email, allows_test_domains=self._rules.allows_test_domains))
        except InvalidRecipient:
            return ""

    @property
    def events(self) -> dict[type[Message], EventHandler]:
        """Handlers by event. OrderRefunded carries no address and asks for no mail: the mail of a cancelled order says what goes back."""
        return {
            identity_pb2.CustomerRegistered: self.on_customer_registered,
            identity_pb2.EmailConfirmationRequested: self._mails(composing.confirm_email),
            identity_pb2.EmailConfirmed: self.on_email_confirmed,
            identity_pb2.KnownEmailRegistered: self._mails(composing.email_in_use),
            identity_pb2.LoginLinkRequested: self._mails(composing.login_link),
            cart_pb2.CartReminderRequested: self.on_cart_reminder_requested,
            checkout_pb2.OrderPlaced: self._mails(composing.order_confirmation),
            checkout_pb2.OrderShipped: self._mails(composing.order_shipped),
            checkout_pb2.OrderDelivered: self._mails(composing.order_delivered),
            checkout_pb2.OrderCancelled: self._mails(composing.order_cancelled),
        }
