"""Handlers of other services' events, which queue mails and record customers' addresses."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from notifications import metrics
from notifications.errors import InvalidRecipient
from notifications.forget import forget_person
from notifications.mails.actions import send_message
from notifications.mails.compose.accounts import (
    compose_account_erased,
    compose_confirm_email,
    compose_email_in_use,
    compose_login_link,
    compose_organization_invitation,
    compose_welcome,
)
from notifications.mails.compose.alerts import compose_alert, compose_confirm_alert
from notifications.mails.compose.draft_orders import compose_draft_order
from notifications.mails.compose.gift_cards import compose_gift_card
from notifications.mails.compose.orders import (
    RETURN_EVENTS,
    compose_digital_goods_delivered,
    compose_order_cancelled,
    compose_order_confirmation,
    compose_order_delivered,
    compose_order_documents,
    compose_order_lines_cancelled,
    compose_order_link,
    compose_order_refunded,
    compose_order_return,
    compose_order_shipped,
)
from notifications.mails.compose.pickups import (
    compose_order_ready_for_pickup,
    compose_pickup_reminder,
)
from notifications.mails.compose.shipments import compose_shipment_late
from notifications.mails.model import MailRules, NewMail
from notifications.mails.recipients import digest_address, normalize_recipient
from notifications.opt_ins.actions import request_opt_in
from notifications.opt_ins.model import OptInRequest
from notifications.preferences.actions import (
    record_analytics_consent,
    record_confirmed_address,
    record_customer,
)
from notifications.preferences.model import ConfirmedBy
from sojourn.cart.v1 import events_pb2 as cart_pb2
from sojourn.catalog.v1 import digital_events_pb2
from sojourn.catalog.v1 import subscription_events_pb2 as catalog_pb2
from sojourn.checkout.v1 import (
    document_events_pb2,
    draft_order_events_pb2,
    gift_card_events_pb2,
    pickup_events_pb2,
    shipment_events_pb2,
)
from sojourn.checkout.v1 import events_pb2 as checkout_pb2
from sojourn.checkout.v1.checkout_pb2 import ORDER_STATUS_CANCELLING
from sojourn.identity.v1 import events_pb2 as identity_pb2


class Handlers:
    """Handles events, which may arrive in any order."""

    def __init__(self, rules: MailRules) -> None:
        self._rules = rules

    def _mail_handler(
        self, compose_mail: Callable[[Any], NewMail]
    ) -> Callable[[Tx, Any, Envelope], Awaitable[None]]:
        """Returns a handler that queues the mail that `compose_mail` makes of the event."""

        async def on_event(tx: Tx, event: Any, envelope: Envelope) -> None:
            new = compose_mail(event)
            if not new.recipient:
                metrics.mails.labels("without_address").inc()
                return
            await send_message(tx, new, self._rules)

        return on_event

    async def on_customer_registered(
        self, tx: Tx, event: identity_pb2.CustomerRegistered, envelope: Envelope
    ) -> None:
        """Records the customer.

        The address is not confirmed yet.

        Identity requests the mail that asks for a confirmation by EmailConfirmationRequested. An
        older release of identity requests no such mail: its customers count as confirmed.
        """
        if not event.confirmation_requested:
            await self._confirm_customer(tx, event, envelope)
        elif digest := self._digest(event.email):
            await record_customer(tx, UUID(event.customer_id), digest, is_confirmed=False)

    async def on_consent_changed(
        self, tx: Tx, event: identity_pb2.ConsentChanged, envelope: Envelope
    ) -> None:
        """Records whether mails to the customer may tell that they were opened or clicked."""
        await record_analytics_consent(
            tx,
            UUID(event.customer_id),
            is_granted=event.granted.get("analytics", False),
            version=event.version,
        )

    async def on_email_confirmed(
        self, tx: Tx, event: identity_pb2.EmailConfirmed, envelope: Envelope
    ) -> None:
        """Records the address as confirmed and queues the welcome mail."""
        await self._confirm_customer(tx, event, envelope)

    async def _confirm_customer(
        self,
        tx: Tx,
        event: identity_pb2.EmailConfirmed | identity_pb2.CustomerRegistered,
        envelope: Envelope,
    ) -> None:
        if digest := self._digest(event.email):
            await record_customer(tx, UUID(event.customer_id), digest, is_confirmed=True)
            await record_confirmed_address(tx, digest, ConfirmedBy.ACCOUNT)
        await self._mail_handler(compose_welcome)(tx, event, envelope)

    async def on_customer_erased(
        self, tx: Tx, event: identity_pb2.CustomerErased, envelope: Envelope
    ) -> None:
        """Erases the customer's mails and preferences, and those of their proven address.

        The address gets one last mail, whose row forgets it as it ends. An address that was not
        proven gets none: it may be another person's.
        """
        digest = self._digest(event.email) if event.email else ""
        # Before the last mail is queued: what is queued is suppressed.
        await forget_person(tx, UUID(event.customer_id), digest)
        if digest:
            await send_message(tx, compose_account_erased(event), self._rules)

    async def on_order_refunded(
        self, tx: Tx, event: checkout_pb2.OrderRefunded, envelope: Envelope
    ) -> None:
        """Queues a mail about a refund.

        The mails of OrderCancelled, OrderLinesCancelled and ReturnRefunded tell of the refunds of
        theirs. Events of older releases have no order.
        """
        is_told = (
            event.order.status == ORDER_STATUS_CANCELLING
            or event.refund.cancellation_id
            or event.refund.return_id
        )
        if event.HasField("order") and not is_told:
            await self._mail_handler(compose_order_refunded)(tx, event, envelope)

    async def on_cart_reminder_requested(
        self, tx: Tx, event: cart_pb2.CartReminderRequested, envelope: Envelope
    ) -> None:
        """Queues the opt-in mail if the address is not confirmed."""
        request = OptInRequest(
            event.email, event.locale, event.channel, UUID(event.owner_id), UUID(event.cart_id)
        )
        await request_opt_in(tx, request, self._rules)

    def _digest(self, email: str) -> str:
        """Returns the digest of an address, or an empty text if the address is invalid."""
        try:
            return digest_address(
                normalize_recipient(email, allows_test_domains=self._rules.allows_test_domains)
            )
        except InvalidRecipient:
            return ""

    @property
    def events(self) -> dict[type[Message], EventHandler]:
        """Handlers by event."""
        return {
            identity_pb2.CustomerRegistered: self.on_customer_registered,
            identity_pb2.ConsentChanged: self.on_consent_changed,
            identity_pb2.CustomerErased: self.on_customer_erased,
            identity_pb2.EmailConfirmationRequested: self._mail_handler(compose_confirm_email),
            identity_pb2.EmailConfirmed: self.on_email_confirmed,
            identity_pb2.KnownEmailRegistered: self._mail_handler(compose_email_in_use),
            identity_pb2.LoginLinkRequested: self._mail_handler(compose_login_link),
            identity_pb2.OrganizationInvitationSent: self._mail_handler(
                compose_organization_invitation
            ),
            cart_pb2.CartReminderRequested: self.on_cart_reminder_requested,
            catalog_pb2.AlertConfirmationRequested: self._mail_handler(compose_confirm_alert),
            catalog_pb2.AlertTriggered: self._mail_handler(compose_alert),
            gift_card_events_pb2.GiftCardSent: self._mail_handler(compose_gift_card),
            document_events_pb2.OrderDocumentsSent: self._mail_handler(compose_order_documents),
            digital_events_pb2.DigitalGoodsDelivered: self._mail_handler(
                compose_digital_goods_delivered
            ),
            checkout_pb2.OrderPlaced: self._mail_handler(compose_order_confirmation),
            pickup_events_pb2.PickupReminderDue: self._mail_handler(compose_pickup_reminder),
            pickup_events_pb2.OrderReadyForPickup: self._mail_handler(
                compose_order_ready_for_pickup
            ),
            checkout_pb2.OrderShipped: self._mail_handler(compose_order_shipped),
            shipment_events_pb2.ShipmentLate: self._mail_handler(compose_shipment_late),
            checkout_pb2.OrderDelivered: self._mail_handler(compose_order_delivered),
            checkout_pb2.OrderCancelled: self._mail_handler(compose_order_cancelled),
            checkout_pb2.OrderLinesCancelled: self._mail_handler(compose_order_lines_cancelled),
            **dict.fromkeys(RETURN_EVENTS, self._mail_handler(compose_order_return)),
            checkout_pb2.OrderRefunded: self.on_order_refunded,
            checkout_pb2.OrderLinkRequested: self._mail_handler(compose_order_link),
            draft_order_events_pb2.DraftOrderSent: self._mail_handler(compose_draft_order),
        }
