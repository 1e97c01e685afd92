from __future__ import annotations

import math
from typing import Any

import pytest

from chassis.rpc.errors import Denied, Exists, Invalid, NotFound, Refused, Unauthenticated
from chassis.runtime.clock import uuid7
from chassis.testing import an_email
from checkout.testing import an_order
from services.notifications.tests.notifications_edge import JOURNEY, TOKENS, Edge, a_reminder
from services.notifications.tests.notifications_world import World, confirmed, content_of, placed
from sojourn.common.v1.page_pb2 import Page
from sojourn.notifications.v1 import events_pb2 as own_pb2
from sojourn.notifications.v1 import notifications_pb2 as pb


async def test_a_service_sends_a_template(world: World, edge: Edge) -> None:
    address, cart_id = an_email(), str(uuid7())

    message = await edge.send(recipient=address, cart_id=cart_id)
    async with world.working():
        await world.becomes("sent")

    assert (message.state, message.topic, message.cart_id) == (
        pb.MESSAGE_STATE_QUEUED,
        pb.TOPIC_REMINDERS,
        cart_id,
    )
    (letter,) = world.postbox.to(address)
    content = content_of(letter)
    assert letter.subject == "Ihr Warenkorb bei Sojourn wartet"
    assert [
        link for link in content["links"] if link.endswith("#token=a-token-that-restores-nothing")
    ]
    assert content["headers"]["List-Unsubscribe"].startswith(
        "<https://shop.example/v1/unsubscribe?token="
    )
    (event,) = await world.events(own_pb2.MessageSent)
    assert (event.cart_id, event.topic, event.template) == (
        cart_id,
        pb.TOPIC_REMINDERS,
        "cart_reminder",
    )
    assert address not in str(event)


async def test_an_idempotency_key_sends_one_message_for_good(world: World, edge: Edge) -> None:
    request = a_reminder()

    async def send() -> pb.Message:
        return await edge.peer.ask(
            edge.notifications.Send, request, authorization=JOURNEY, key="cart-7"
        )

    first, second = await send(), await send()
    async with world.database.tx() as tx:
        await tx.run("DELETE FROM idempotency")
    third = await send()
    with pytest.raises(Exists) as refusal:
        await edge.send("cart-7")
    other = await edge.send(
        "cart-7", authorization=TOKENS.service("checkout", "notifications.send")
    )

    assert first.id == second.id == third.id
    assert refusal.value.reason == "KEY_REUSED"
    assert other.id != first.id


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"template": "newsletter"}, "UNKNOWN_TEMPLATE"),
        ({"recipient": "ana.secret"}, "INVALID_RECIPIENT"),
        ({"owner_id": "me"}, "INVALID_ID"),
        ({"variables": {"restore_token": 7}}, "INVALID_VARIABLES"),
        ({"variables": {"restore_token": math.inf}}, "INVALID_VARIABLES"),
        ({"recipient": "ana@shop..example"}, "INVALID_RECIPIENT"),
    ],
)
async def test_an_invalid_request_to_send_is_refused(
    world: World, edge: Edge, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await edge.send(**changes)

    assert refusal.value.reason == reason
    assert await world.mails() == []


async def test_callers_without_the_scope_may_not_send_list_get_or_redrive(edge: Edge) -> None:
    message = await edge.send()

    with pytest.raises(Denied):
        await edge.send(authorization=TOKENS.service("cart"))
    with pytest.raises(Denied):
        await edge.send(authorization=TOKENS.customer())
    with pytest.raises(Unauthenticated):
        await edge.send(authorization="")
    with pytest.raises(Invalid, match="key required"):
        await edge.peer.ask(edge.notifications.Send, a_reminder(), authorization=JOURNEY)
    for method, request in (
        (edge.notifications.ListMessages, pb.ListMessagesRequest()),
        (edge.notifications.GetMessage, pb.GetMessageRequest(message_id=message.id)),
        (edge.notifications.RedriveMessage, pb.RedriveMessageRequest(message_id=message.id)),
    ):
        for caller in (TOKENS.customer(), JOURNEY, TOKENS.staff("orders.read")):
            with pytest.raises(Denied):
                await edge.peer.ask(method, request, authorization=caller, key="k")


async def test_staff_see_the_attempts_of_a_message_and_not_its_recipient(
    world: World, edge: Edge
) -> None:
    order = an_order()
    world.postbox.misbehave("refuse_temporarily", times=1)
    await world.handle(placed(order))
    async with world.working():
        mail = await world.becomes("sent")

    shown = await edge.get(str(mail.id))
    listed = (await edge.list(order_id=order.id)).messages

    assert [
        (attempt.number, attempt.outcome, attempt.code_class) for attempt in shown.attempts
    ] == [
        (1, pb.ATTEMPT_OUTCOME_REFUSED_FOR_NOW, 4),
        (2, pb.ATTEMPT_OUTCOME_ACCEPTED, 2),
    ]
    assert shown.masked_recipient == "a•••@e•••.com"
    assert shown.message_id == world.postbox.to(order.email)[0].message_id
    assert shown.HasField("sent_at")
    assert order.email not in str(shown) + str(listed)
    assert [message.id for message in listed] == [shown.id]
    with pytest.raises(NotFound):
        await edge.get(str(uuid7()))


async def test_messages_are_listed_newest_first_by_pages(world: World, edge: Edge) -> None:
    sent = [await edge.send() for _ in range(5)]
    await world.handle(confirmed())

    first = await edge.list(template="cart_reminder", page=Page(size=3))
    second = await edge.list(
        template="cart_reminder", page=Page(size=3, token=first.next_page_token)
    )

    assert [message.id for message in [*first.messages, *second.messages]] == [
        message.id for message in reversed(sent)
    ]
    assert second.next_page_token == ""
    assert (await edge.list(state=pb.MESSAGE_STATE_FAILED)).messages == []


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        ({"state": 99}, "INVALID_FIELD"),
        ({"template": "x"}, "UNKNOWN_TEMPLATE"),
        ({"owner_id": "x"}, "INVALID_ID"),
        ({"page": Page(token="x")}, "INVALID_PAGE_TOKEN"),
        ({"page": Page(size=501)}, "INVALID_FIELD"),
    ],
)
async def test_an_invalid_list_request_is_refused(
    edge: Edge, filters: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await edge.list(**filters)

    assert refusal.value.reason == reason


async def test_a_failed_message_is_listed_and_redriven(world: World, edge: Edge) -> None:
    world.postbox.misbehave("refuse_permanently", times=1)
    await world.handle(placed())
    async with world.working():
        mail = await world.becomes("failed")
        (listed,) = (await edge.list(state=pb.MESSAGE_STATE_FAILED)).messages

        redriven = await edge.redrive(listed.id, "k1")
        sent = await world.becomes("sent")
        again = await edge.redrive(listed.id, "k1")

    assert (listed.id, listed.reason) == (str(mail.id), pb.MESSAGE_REASON_REFUSED)
    assert (redriven.state, again.state) == (pb.MESSAGE_STATE_QUEUED,) * 2
    assert (sent.tries, sent.reason) == (1, "")
    assert world.postbox.counts() == (1, 1)
    with pytest.raises(Refused) as refusal:
        await edge.redrive(listed.id)
    assert (refusal.value.reason, refusal.value.metadata["state"]) == (
        "WRONG_MESSAGE_STATE",
        "sent",
    )
    async with world.database.read() as read:
        assert await read.fetch("SELECT action, subject FROM audit") == [
            ("message.redrive", f"message:{mail.id}")
        ]


async def test_an_expired_mail_is_suppressed(world: World, edge: Edge) -> None:
    request = a_reminder()
    request.expires_at.FromDatetime(world.database.clock.now())
    await world.confirm(request.recipient)
    message = await edge.peer.ask(edge.notifications.Send, request, authorization=JOURNEY, key="k")

    async with world.working():
        await world.becomes("suppressed")

    assert (await edge.get(message.id)).reason == pb.MESSAGE_REASON_EXPIRED
