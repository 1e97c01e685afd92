"""The peers that the journey asks: catalog for what can be had, notifications to send."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, Protocol

from chassis.quantity import PIECE
from chassis.rpc.client import Peer, ServiceTokens
from chassis.rpc.wire import timestamp
from journey.reminders.model import Reason, Reminder, ReminderLine
from journey.surveys.model import SurveyInvitation
from sojourn.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from sojourn.notifications.v1 import notifications_pb2, notifications_pb2_grpc

_OFFERS_SECONDS: Final = 3.0
TEMPLATE: Final = "cart_reminder"
SURVEY_TEMPLATE: Final = "survey"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLine:
    """A line of a cart as a mail shows it.

    `quantity` is in 10^-`scale` units of `unit_code` (UN/ECE Recommendation 20).
    """

    title: str
    options: str
    quantity: int
    scale: int
    unit_code: str
    image_url: str


class ReminderChannel(Protocol):
    """A channel that can remind a shopper of a cart."""

    async def send(
        self, reminder: Reminder, lines: Sequence[MailLine], *, expires_at: datetime
    ) -> Reason | None:
        """Sends a reminder once per `reminder.message_key`, or returns the reason of the refusal.

        Raises what says that it should be tried again.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyMail:
    """The question of a survey as a mail shows it. `highest` 0 asks for no score."""

    token: str
    question: str
    lowest: int
    highest: int


class SurveyChannel(Protocol):
    """A channel that can ask a person a survey."""

    async def send_survey(self, invitation: SurveyInvitation, mail: SurveyMail) -> bool:
        """Sends a survey once per invitation; returns False where its address wants none.

        Raises what says that it should be tried again.
        """


class Catalog:
    """Catalog's offers."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = peer.stub(catalog_pb2_grpc.CatalogServiceStub)

    async def lines_in_stock(self, reminder: Reminder) -> list[MailLine]:
        """The lines of an abandoned cart that can be had now, as a mail shows them."""
        view = catalog_pb2.View(
            channel=reminder.channel, locale=reminder.locale, currency=reminder.currency
        )
        ids = [str(line.variant_id) for line in reminder.lines]
        request = catalog_pb2.GetOffersRequest(variant_ids=ids[:200], view=view)
        reply = await self._peer.ask(self._stub.GetOffers, request, timeout=_OFFERS_SECONDS)
        offers = {offer.variant_id: offer for offer in reply.offers}
        found = [(line, offers.get(str(line.variant_id))) for line in reminder.lines]
        return [
            _line(line, offer)
            for line, offer in found
            if offer is not None and offer.available >= max(1, offer.increment)
        ]


def _line(line: ReminderLine, offer: catalog_pb2.Offer) -> MailLine:
    options = ", ".join(option.value for option in offer.options)
    return MailLine(
        title=offer.title or line.title,
        options=options,
        quantity=line.quantity,
        scale=offer.scale,
        unit_code=offer.unit_code or PIECE,
        image_url=offer.image.url,
    )


class NotificationsChannel:
    """Reminders and surveys by e-mail, through notifications."""

    def __init__(self, peer: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = peer, tokens
        self._stub = peer.stub(notifications_pb2_grpc.NotificationServiceStub)

    async def send(
        self, reminder: Reminder, lines: Sequence[MailLine], *, expires_at: datetime
    ) -> Reason | None:
        request = notifications_pb2.SendRequest(
            template=TEMPLATE,
            recipient=reminder.email,
            locale=reminder.locale,
            owner_id=str(reminder.owner_id),
            cart_id=str(reminder.cart_id),
            channel=reminder.channel,
            expires_at=timestamp(expires_at),
        )
        request.variables.update(
            {"lines": [asdict(line) for line in lines], "restore_token": reminder.restore_token}
        )
        authorization = await self._tokens.authorization()
        message = await self._peer.ask(
            self._stub.Send, request, authorization=authorization, key=reminder.message_key
        )
        return (
            Reason.NOT_ALLOWED
            if message.state == notifications_pb2.MESSAGE_STATE_SUPPRESSED
            else None
        )

    async def send_survey(self, invitation: SurveyInvitation, mail: SurveyMail) -> bool:
        request = notifications_pb2.SendRequest(
            template=SURVEY_TEMPLATE,
            recipient=invitation.email,
            locale=invitation.locale,
            owner_id=str(invitation.customer_id or invitation.guest_id or ""),
            channel=invitation.context.get("channel", ""),
            expires_at=timestamp(invitation.expires_at),
        )
        request.variables.update(asdict(mail))
        message = await self._peer.ask(
            self._stub.Send,
            request,
            authorization=await self._tokens.authorization(),
            key=f"survey:{invitation.id}",
        )
        return bool(message.state != notifications_pb2.MESSAGE_STATE_SUPPRESSED)
