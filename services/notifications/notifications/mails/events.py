"""Events about mails. None of them holds an address."""

from datetime import datetime

from chassis.rpc.wire import timestamp
from notifications.codecs import REASONS, TOPICS
from notifications.mails.model import Mail
from notifications.preferences.model import Topic
from sojourn.notifications.v1 import events_pb2


def message_sent(mail: Mail, sent_at: datetime) -> events_pb2.MessageSent:
    asks_survey = mail.topic is Topic.TRANSACTIONAL and mail.unsubscribe_topic == Topic.SURVEYS
    event = events_pb2.MessageSent(sent_at=timestamp(sent_at), asks_survey=asks_survey)
    _describe(event, mail)
    return event


def message_failed(mail: Mail) -> events_pb2.MessageFailed:
    event = events_pb2.MessageFailed(reason=REASONS.encode(mail.reason))
    _describe(event, mail)
    return event


def _describe(event: events_pb2.MessageSent | events_pb2.MessageFailed, mail: Mail) -> None:
    """Sets the fields that both events share."""
    event.message_id = str(mail.id)
    event.version = mail.version
    event.template = mail.template
    event.topic = TOPICS.encode(mail.topic)
    event.owner_id = str(mail.owner_id or "")
    event.order_id = str(mail.order_id or "")
    event.cart_id = str(mail.cart_id or "")
    event.channel = mail.channel
