"""Rows to messages, and back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.rpc.wire import EnumCodec, timestamp
from notifications.errors import InvalidVariables
from notifications.mails import recipients
from notifications.mails.attempts import Attempt, Outcome
from notifications.mails.model import Mail, MailState, Reason
from notifications.preferences.topics import Topic
from sojourn.notifications.v1 import notifications_pb2 as pb

TOPICS: Final = EnumCodec(pb.Topic, Topic)
STATES: Final = EnumCodec(pb.MessageState, MailState)
REASONS: Final = EnumCodec(pb.MessageReason, Reason)
_OUTCOMES: Final = EnumCodec(pb.AttemptOutcome, Outcome)


def variables_of(struct: Struct) -> dict[str, Any]:
    """The variables of a request. Raises InvalidVariables for a number that is none (NaN, infinity)."""
    try:
        return dict(MessageToDict(struct))
    except ValueError:
        raise InvalidVariables("a variable is not a finite number") from None


def time_of(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)


def message(mail: Mail, message_id: str, attempts: Sequence[Attempt] = ()) -> pb.Message:
    return pb.Message(
        id=str(mail.id),
        template=mail.template,
        topic=TOPICS.encode(mail.topic),
        locale=mail.locale,
        masked_recipient=recipients.masked(mail.recipient),
        state=STATES.encode(mail.state),
        reason=REASONS.encode(mail.reason) if mail.reason else None,
        subject=mail.subject,
        owner_id=str(mail.owner_id or ""),
        order_id=str(mail.order_id or ""),
        cart_id=str(mail.cart_id or ""),
        channel=mail.channel,
        version=mail.version,
        trace_id=mail.trace_id,
        queued_at=timestamp(mail.queued_at),
        sent_at=timestamp(mail.sent_at) if mail.sent_at else None,
        attempts=[attempt(row) for row in attempts],
        message_id=message_id,
    )


def attempt(row: Attempt) -> pb.Attempt:
    return pb.Attempt(
        number=row.number,
        begun_at=timestamp(row.begun_at),
        ended_at=timestamp(row.ended_at) if row.ended_at else None,
        outcome=_OUTCOMES.encode(row.outcome),
        code_class=row.code_class,
    )


def preferences(wanted: Mapping[Topic, bool]) -> pb.Preferences:
    return pb.Preferences(wanted={str(topic): is_wanted for topic, is_wanted in wanted.items()})
