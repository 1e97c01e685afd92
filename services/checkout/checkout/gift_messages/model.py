"""Gift messages of checkouts and orders."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from checkout.errors.checkouts import InvalidGiftMessage


@dataclass(frozen=True, slots=True)
class GiftMessage:
    """A giver's words about a line, or about the whole order where `line_id` is empty.

    In a checkout the line is the cart's, in an order its own.
    """

    line_id: str
    message: str = field(repr=False)
    sender_name: str = field(default="", repr=False)
    recipient_name: str = field(default="", repr=False)


def require_of_lines(messages: Sequence[GiftMessage], line_ids: Collection[str]) -> None:
    """Raises InvalidGiftMessage for one of another line, and for a second one of a line.

    `line_ids` are the lines of the cart that are delivered.
    """
    seen = set[str]()
    for index, each in enumerate(messages):
        path = f"gift_messages.messages[{index}].line_id"
        if each.line_id and each.line_id not in line_ids:
            raise InvalidGiftMessage(path=path, problem="no line that is delivered")
        if each.line_id in seen:
            raise InvalidGiftMessage(path=path, problem="it has a message already")
        seen.add(each.line_id)


def messages_of_order(
    messages: Sequence[GiftMessage], order_line_ids: Mapping[str, str]
) -> list[GiftMessage]:
    """Returns the messages of a checkout as those of its order, the whole order's first.

    `order_line_ids` are by line of the cart; a message of a line that is gone is dropped.
    """
    ids = {"": "", **order_line_ids}
    found = [replace(each, line_id=ids[each.line_id]) for each in messages if each.line_id in ids]
    return sorted(found, key=lambda each: bool(each.line_id))
