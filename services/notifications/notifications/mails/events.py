"""Telling the others what became of a mail, without its address."""

from typing import Any

from chassis.data.tx import Tx
from chassis.rpc.wire import timestamp
from notifications.mails import wire as messages
from notifications.mails.model import Mail
from notifications.preferences.topics import Topic
from sojourn.notifications.v1 import events_pb2


async def announce_sent(tx: Tx, mail: Mail) -> None:
    """Emits MessageSent. Call it once the row is written."""
    event = events_pb2.MessageSent(
        **_facts(mail), asks_survey=mail.topic is Topic.TRANSACTIONAL and mail.unsubscribe_topic == Topic.SURVEYS
    )
    event.sent_at.CopyFrom(timestamp(mail.sent_at or tx.now))
    await tx.emit(event, key=mail.id)


async def announce_failed(tx: Tx, mail: Mail) -> None:
    """Emits MessageFailed. Call it once the row is written."""
    await tx.emit(events_pb2.MessageFailed(**_facts(mail), reason=messages.REASONS.encode(mail.reason)), key=mail.id)


def _facts(mail: Mail) -> dict[str, Any]:
    return {
        "message_id": str(mail.id),
        "version": mail.version,
        "template": mail.template,
        "topic": messages.TOPICS.encode(mail.topic),
        "owner_id": str(mail.owner_id or ""),
        "order_id": str(mail.order_id or ""),
        "cart_id": str(mail.cart_id or ""),
        "channel": mail.channel,
    }
