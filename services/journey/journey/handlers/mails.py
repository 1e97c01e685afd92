"""Events of mails that were sent or could not be."""

from google.protobuf.message import Message

from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from chassis.rpc.documents import enum_name
from journey.handlers.recording import Fact, Recorder, Trust
from sojourn.notifications.v1 import events_pb2 as notifications
from sojourn.notifications.v1.notifications_pb2 import MessageReason, Topic


class MailHandlers(Recorder):
    """Handlers of notifications' events."""

    async def on_message_sent(
        self, tx: Tx, event: notifications.MessageSent, envelope: Envelope
    ) -> None:
        await self._record(tx, envelope, _of_message("email.sent", event))

    async def on_message_failed(
        self, tx: Tx, event: notifications.MessageFailed, envelope: Envelope
    ) -> None:
        reason = enum_name(MessageReason.DESCRIPTOR, event.reason).upper()
        fact = _of_message("email.failed", event, outcome="error", reason=reason)
        await self._record(tx, envelope, fact)

    @property
    def events(self) -> dict[type[Message], EventHandler]:
        """Handlers by event."""
        return {
            notifications.MessageSent: self.on_message_sent,
            notifications.MessageFailed: self.on_message_failed,
        }


def _of_message(
    kind: str,
    event: notifications.MessageSent | notifications.MessageFailed,
    *,
    outcome: str = "ok",
    reason: str = "",
) -> Fact:
    return Fact(
        kind=kind,
        owner_id=event.owner_id,
        trust=Trust.OWNER_ONLY,
        channel=event.channel,
        outcome=outcome,
        reason=reason,
        subject=event.order_id or event.cart_id,
        properties={
            "template": event.template,
            "topic": enum_name(Topic.DESCRIPTOR, event.topic),
            "order_id": event.order_id,
            "cart_id": event.cart_id,
        },
    )
