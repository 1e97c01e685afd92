"""Gift messages: what a request may hold, and what an order takes over."""

from __future__ import annotations

import pytest

from chassis.text import InvalidName
from checkout.errors.checkouts import InvalidGiftMessage
from checkout.gift_messages.model import GiftMessage, messages_of_order, require_of_lines
from checkout.gift_messages.wire import messages_from_proto
from sojourn.checkout.v1 import gift_message_pb2 as pb


def a_request(**fields: str) -> pb.GiftMessages:
    return pb.GiftMessages(messages=[pb.GiftMessage(**{"message": "Enjoy it!", **fields})])


def test_a_message_is_trimmed_and_names_its_line_in_lower_case() -> None:
    request = a_request(line_id="0197A", message=" Enjoy it!\nAda ", sender_name=" Ada ")

    assert messages_from_proto(request) == (GiftMessage("0197a", "Enjoy it!\nAda", "Ada", ""),)


def test_a_message_without_a_text_and_a_name_with_a_link_are_refused() -> None:
    with pytest.raises(InvalidGiftMessage) as caught:
        messages_from_proto(a_request(message="  "))
    assert caught.value.metadata["path"] == "gift_messages.messages[0].message"
    with pytest.raises(InvalidName):
        messages_from_proto(a_request(sender_name="Win at http://evil.example/x"))


@pytest.mark.parametrize(
    ("line_ids", "index"), [(["a", "b", ""], None), (["a", "c"], 1), (["", ""], 1), (["a", "a"], 1)]
)
def test_a_line_that_is_delivered_has_one_message(line_ids: list[str], index: int | None) -> None:
    messages = [GiftMessage(line_id, "Enjoy it!") for line_id in line_ids]

    if index is None:
        require_of_lines(messages, {"a", "b"})
        return
    with pytest.raises(InvalidGiftMessage) as caught:
        require_of_lines(messages, {"a", "b"})
    assert caught.value.metadata["path"] == f"gift_messages.messages[{index}].line_id"


def test_an_order_takes_messages_over_without_those_of_lines_that_are_gone() -> None:
    messages = [GiftMessage("b", "two"), GiftMessage("gone", "three"), GiftMessage("", "all")]

    found = messages_of_order(messages, {"a": "1", "b": "2"})

    assert [(each.line_id, each.message) for each in found] == [("", "all"), ("2", "two")]
