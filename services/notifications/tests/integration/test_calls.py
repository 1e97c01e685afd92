from __future__ import annotations

import math
from functools import partial
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from chassis.rpc.client import Peer
from chassis.rpc.errors import Denied, DomainError, Exists, Invalid, NotFound, Refused, Unauthenticated, Unavailable
from chassis.runtime.clock import uuid7
from chassis.testing import Tokens, an_email, eventually, sample_value
from checkout.testing import an_order
from notifications.mails.recipients import digest_address
from notifications.maintenance import erase_old_data, measure_backlog
from notifications.preferences.model import Topic
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.servicers.notifications import NotificationServicer
from notifications.servicers.preferences import PreferenceServicer
from notifications.templates.samples import SAMPLES
from services.notifications.tests.notifications_world import SECRET, World, confirmed, content_of, placed, registered
from sojourn.checkout.v1 import events_pb2
from sojourn.checkout.v1.checkout_pb2 import ORDER_STATUS_DELIVERED
from sojourn.common.v1.page_pb2 import Page
from sojourn.notifications.v1 import events_pb2 as own_pb2
from sojourn.notifications.v1 import notifications_pb2 as pb
from sojourn.notifications.v1 import notifications_pb2_grpc as pb_grpc

TOKENS = Tokens()
JOURNEY = TOKENS.service("journey", "notifications.send")
STAFF = TOKENS.staff("notifications.read", "notifications.write")


class Edge:
    """The service by gRPC."""

    def __init__(self, peer: Peer, world: World) -> None:
        self.peer, self.world = peer, world
        self.notifications: Any = peer.stub(pb_grpc.NotificationServiceStub)
        self.preferences: Any = peer.stub(pb_grpc.PreferenceServiceStub)

    async def send(self, key: str = "", *, authorization: str = JOURNEY, is_confirmed: bool = True, **changes: Any) -> pb.Message:
        """Sends a cart reminder, by default to an address that is confirmed."""
        request = a_reminder(**changes)
        if is_confirmed:
            await self.world.confirm(request.recipient)
        return await self.peer.ask(self.notifications.Send, request, authorization=authorization, key=key or str(uuid7()))

    async def confirm(self, token: str) -> None:
        await self.peer.ask(self.preferences.ConfirmAddress, pb.ConfirmAddressRequest(token=token))

    async def list(self, **filters: Any) -> pb.ListMessagesResponse:
        return await self.peer.ask(self.notifications.ListMessages, pb.ListMessagesRequest(**filters), authorization=STAFF)

    async def get(self, message_id: str) -> pb.Message:
        return await self.peer.ask(self.notifications.GetMessage, pb.GetMessageRequest(message_id=message_id), authorization=STAFF)

    async def redrive(self, message_id: str, key: str = "") -> pb.Message:
        request = pb.RedriveMessageRequest(message_id=message_id)
        return await self.peer.ask(self.notifications.RedriveMessage, request, authorization=STAFF, key=key or str(uuid7()))

    async def wanted(self, authorization: str) -> dict[str, bool]:
        reply = await self.peer.ask(self.preferences.GetPreferences, pb.GetPreferencesRequest(), authorization=authorization)
        return dict(reply.wanted)

    async def want(self, authorization: str, **wanted: bool) -> dict[str, bool]:
        reply = await self.peer.ask(self.preferences.SetPreferences, pb.SetPreferencesRequest(wanted=wanted), authorization=authorization)
        return dict(reply.wanted)

    async def unsubscribe(self, token: str) -> pb.Topic.ValueType:
        reply = await self.peer.ask(self.preferences.Unsubscribe, pb.UnsubscribeRequest(token=token))
        return reply.topic


def a_reminder(**changes: Any) -> pb.SendRequest:
    variables = Struct()
    variables.update({**SAMPLES["cart_reminder"], **changes.pop("variables", {})})
    fields: dict[str, Any] = {
        "template": "cart_reminder",
        "recipient": an_email(),
        "locale": "de",
        "cart_id": str(uuid7()),
        "channel": "de",
    }
    return pb.SendRequest(**{**fields, **changes}, variables=variables)


@pytest.fixture
async def edge(world: World) -> Edge:
    components, verifier = world.components(), TOKENS.verifier()
    notifications = NotificationServicer(world.database, verifier, components.encoder, components.rules)
    preferences = PreferenceServicer(world.database, verifier, components.unsubscribe_tokens)
    adders = (
        partial(pb_grpc.add_NotificationServiceServicer_to_server, notifications),
        partial(pb_grpc.add_PreferenceServiceServicer_to_server, preferences),
    )
    return Edge(await world.service.serve(*adders, name="notifications"), world)


async def test_a_service_sends_a_template(world: World, edge: Edge) -> None:
    address, cart_id = an_email(), str(uuid7())

    message = await edge.send(recipient=address, cart_id=cart_id)
    async with world.working():
        await world.becomes("sent")

    assert (message.state, message.topic, message.cart_id) == (pb.MESSAGE_STATE_QUEUED, pb.TOPIC_REMINDERS, cart_id)
    (letter,) = world.postbox.to(address)
    content = content_of(letter)
    assert letter.subject == "Ihr Warenkorb bei Sojourn wartet"
    assert [link for link in content["links"] if link.endswith("#token=a-token-that-restores-nothing")]
    assert content["headers"]["List-Unsubscribe"].startswith("<https://shop.example/v1/unsubscribe?token=")
    (event,) = await world.events(own_pb2.MessageSent)
    assert (event.cart_id, event.topic, event.template) == (cart_id, pb.TOPIC_REMINDERS, "cart_reminder")
    assert address not in str(event)


async def test_a_key_makes_one_message_for_good(world: World, edge: Edge) -> None:
    request = a_reminder()

    async def send() -> pb.Message:
        return await edge.peer.ask(edge.notifications.Send, request, authorization=JOURNEY, key="cart-7")

    first, second = await send(), await send()
    async with world.database.tx() as tx:
        await tx.run("DELETE FROM idempotency")
    third = await send()
    with pytest.raises(Exists) as refusal:
        await edge.send("cart-7")
    other = await edge.send("cart-7", authorization=TOKENS.service("checkout", "notifications.send"))

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
async def test_a_request_that_makes_no_sense_is_refused(world: World, edge: Edge, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await edge.send(**changes)

    assert refusal.value.reason == reason
    assert await world.mails() == []


async def test_who_may_send_list_and_redrive(edge: Edge) -> None:
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


async def test_staff_see_how_far_a_message_got_and_not_to_whom(world: World, edge: Edge) -> None:
    order = an_order()
    world.postbox.misbehave("refuse_temporarily", times=1)
    await world.handle(placed(order))
    async with world.working():
        mail = await world.becomes("sent")

    shown = await edge.get(str(mail.id))
    listed = (await edge.list(order_id=order.id)).messages

    assert [(attempt.number, attempt.outcome, attempt.code_class) for attempt in shown.attempts] == [
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
    second = await edge.list(template="cart_reminder", page=Page(size=3, token=first.next_page_token))

    assert [message.id for message in [*first.messages, *second.messages]] == [message.id for message in reversed(sent)]
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
async def test_a_list_that_makes_no_sense_is_refused(edge: Edge, filters: dict[str, Any], reason: str) -> None:
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
    assert (refusal.value.reason, refusal.value.metadata["state"]) == ("WRONG_MESSAGE_STATE", "sent")
    async with world.database.read() as read:
        assert await read.fetch("SELECT action, subject FROM audit") == [("message.redrive", f"message:{mail.id}")]


async def test_one_click_ends_a_topic_and_what_comes_later_is_recorded_as_suppressed(world: World, edge: Edge) -> None:
    address = an_email()
    await edge.send(recipient=address)
    async with world.working():
        await world.becomes("sent")
        link = content_of(world.postbox.to(address)[0])["headers"]["List-Unsubscribe"].strip("<>")

        topic = await edge.unsubscribe(link.partition("?token=")[2])
        await edge.unsubscribe(link.partition("?token=")[2])
        second = await edge.send(recipient=address.upper())
        await world.handle(placed(an_order(email=address)))
        await eventually(lambda: len(world.postbox.to(address)) == 2)

    assert topic == pb.TOPIC_REMINDERS
    assert (second.state, second.reason) == (pb.MESSAGE_STATE_SUPPRESSED, pb.MESSAGE_REASON_UNSUBSCRIBED)
    assert {letter.subject for letter in world.postbox.to(address)} == {
        "Ihr Warenkorb bei Sojourn wartet",
        "Ihre Bestellung S-100042 ist bestätigt",
    }


async def test_who_unsubscribes_while_a_mail_waits_does_not_get_it(world: World, edge: Edge) -> None:
    address = an_email()
    message = await edge.send(recipient=address)
    await edge.unsubscribe(UnsubscribeTokens(SECRET).create(digest_address(address), Topic.REMINDERS))

    async with world.working():
        await world.becomes("suppressed")

    assert (await edge.get(message.id)).reason == pb.MESSAGE_REASON_UNSUBSCRIBED
    assert world.postbox.counts() == (0, 0)


async def test_who_wants_no_surveys_hears_of_the_delivery_without_one(world: World, edge: Edge) -> None:
    order = an_order(status=ORDER_STATUS_DELIVERED)
    await world.confirm(order.email)
    await edge.unsubscribe(UnsubscribeTokens(SECRET).create(digest_address(order.email), Topic.SURVEYS))

    await world.handle(events_pb2.OrderDelivered(order=order, locale="en"))
    async with world.working():
        await world.becomes("sent")

    content = content_of(world.postbox.to(order.email)[0])
    assert "/survey" not in content["html"] + content["text"]
    assert "List-Unsubscribe" not in content["headers"]


async def test_a_mail_that_comes_too_late_is_suppressed(world: World, edge: Edge) -> None:
    request = a_reminder()
    request.expires_at.FromDatetime(world.database.clock.now())
    await world.confirm(request.recipient)
    message = await edge.peer.ask(edge.notifications.Send, request, authorization=JOURNEY, key="k")

    async with world.working():
        await world.becomes("suppressed")

    assert (await edge.get(message.id)).reason == pb.MESSAGE_REASON_EXPIRED


@pytest.mark.parametrize("token", ["", "x", "abc.reminders", "abc.transactional"])
async def test_a_foreign_unsubscribe_token_is_not_found(edge: Edge, token: str) -> None:
    with pytest.raises(NotFound) as refusal:
        await edge.unsubscribe(token)

    assert refusal.value.reason == "UNSUBSCRIBE_TOKEN_NOT_FOUND"


async def test_a_customer_changes_their_own_preferences_only(world: World, edge: Edge) -> None:
    ana, eve = confirmed(), confirmed()
    await world.handle(ana, eve)
    hers, others = ("Bearer " + TOKENS.of("customer", customer.customer_id) for customer in (ana, eve))

    assert await edge.wanted(hers) == {"reminders": True, "surveys": True, "marketing": False}
    assert await edge.want(hers, reminders=False, marketing=True) == {"reminders": False, "surveys": True, "marketing": True}
    suppressed = await edge.send(recipient=ana.email)

    assert await edge.wanted(hers) == {"reminders": False, "surveys": True, "marketing": True}
    assert await edge.wanted(others) == {"reminders": True, "surveys": True, "marketing": False}
    assert suppressed.state == pb.MESSAGE_STATE_SUPPRESSED
    assert (await edge.send(recipient=eve.email)).state == pb.MESSAGE_STATE_QUEUED


async def test_preferences_refuse_what_is_not_theirs_to_change(world: World, edge: Edge) -> None:
    ana, unconfirmed = confirmed(), registered()
    await world.handle(ana, unconfirmed)
    hers, not_theirs = ("Bearer " + TOKENS.of("customer", customer.customer_id) for customer in (ana, unconfirmed))
    expected: list[tuple[str, dict[str, bool], type[DomainError], str]] = [
        (hers, {"transactional": False}, Refused, "TOPIC_NOT_OPTIONAL"),
        (hers, {"gossip": False}, Invalid, "UNKNOWN_TOPIC"),
        (TOKENS.guest(), {"reminders": False}, Denied, "DENIED"),
        (TOKENS.customer(), {"reminders": False}, Unavailable, "PROFILE_NOT_READY"),
        (not_theirs, {"reminders": False}, Refused, "EMAIL_NOT_CONFIRMED"),
    ]

    for authorization, wanted, kind, reason in expected:
        with pytest.raises(kind) as refusal:
            await edge.want(authorization, **wanted)
        assert refusal.value.reason == reason


async def test_old_mails_lose_what_is_personal_and_keep_their_key(world: World, edge: Edge) -> None:
    event = placed()
    await world.handle(event)
    async with world.working():
        mail = await world.becomes("sent")

    await erase_old_data(world.database, 90)
    kept = await world.mail()
    world.database.clock.shift_to(91 * 86_400)
    await erase_old_data(world.database, 90)
    await world.handle(event)
    erased = await world.mail()

    assert kept.recipient == event.order.email
    assert (erased.recipient, erased.variables, erased.body_html, erased.subject) == ("", {}, "", "")
    assert (erased.id, erased.state) == (mail.id, "sent")


async def test_the_oldest_waiting_mail_shows_in_the_metrics(world: World, edge: Edge) -> None:
    await edge.send()
    world.database.clock.shift_to(60)
    await measure_backlog(world.database)

    assert 60 <= sample_value("mail_oldest_queued_seconds") < 90
