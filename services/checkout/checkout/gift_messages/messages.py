"""Gift messages in replies and in events."""

from checkout.gift_messages.model import GiftMessage
from sojourn.checkout.v1 import gift_message_pb2 as pb


def gift_message_to_proto(message: GiftMessage) -> pb.GiftMessage:
    return pb.GiftMessage(
        line_id=message.line_id,
        message=message.message,
        sender_name=message.sender_name,
        recipient_name=message.recipient_name,
    )
