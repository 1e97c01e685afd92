"""Codecs between the enums of the contract and those of the model, for events and replies."""

from typing import Final

from chassis.rpc.wire import EnumCodec
from notifications.mails.model import AttemptOutcome, MailReason, MailState
from notifications.preferences.model import Topic
from sojourn.notifications.v1 import notifications_pb2 as pb

TOPICS: Final = EnumCodec(pb.Topic, Topic)
STATES: Final = EnumCodec(pb.MessageState, MailState)
REASONS: Final = EnumCodec(pb.MessageReason, MailReason)
OUTCOMES: Final = EnumCodec(pb.AttemptOutcome, AttemptOutcome)
