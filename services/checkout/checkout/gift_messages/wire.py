"""Gift messages of requests as values."""

from chassis.text import require_plain_name
from checkout.errors.checkouts import InvalidGiftMessage
from checkout.gift_messages.model import GiftMessage
from sojourn.checkout.v1 import gift_message_pb2 as pb


def messages_from_proto(messages: pb.GiftMessages) -> tuple[GiftMessage, ...]:
    """Returns the messages of a request.

    Raises InvalidGiftMessage for one without any text, and InvalidName for a name with a link.
    """

    def parse(index: int, each: pb.GiftMessage) -> GiftMessage:
        path = f"gift_messages.messages[{index}]"
        if not each.message.strip():
            raise InvalidGiftMessage(path=f"{path}.message", problem="it is needed")
        return GiftMessage(
            line_id=each.line_id.lower(),
            message=each.message.strip(),
            sender_name=require_plain_name(each.sender_name, path=f"{path}.sender_name"),
            recipient_name=require_plain_name(each.recipient_name, path=f"{path}.recipient_name"),
        )

    return tuple(parse(index, each) for index, each in enumerate(messages.messages))
