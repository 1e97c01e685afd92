from __future__ import annotations

import pytest

from chassis.rpc.errors import Denied, DomainError, Invalid, NotFound, Refused, Unavailable
from chassis.testing import an_email, eventually
from checkout.testing import an_order
from notifications.mails.recipients import digest_address
from notifications.preferences.model import Topic
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from services.notifications.tests.notifications_edge import TOKENS, Edge
from services.notifications.tests.notifications_world import (
    SECRET,
    World,
    confirmed,
    content_of,
    placed,
    registered,
)
from sojourn.checkout.v1 import events_pb2
from sojourn.checkout.v1.checkout_pb2 import ORDER_STATUS_DELIVERED
from sojourn.notifications.v1 import notifications_pb2 as pb


async def test_one_click_unsubscribes_and_later_mails_of_the_topic_are_suppressed(
    world: World, edge: Edge
) -> None:
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
    assert (second.state, second.reason) == (
        pb.MESSAGE_STATE_SUPPRESSED,
        pb.MESSAGE_REASON_UNSUBSCRIBED,
    )
    assert {letter.subject for letter in world.postbox.to(address)} == {
        "Ihr Warenkorb bei Sojourn wartet",
        "Ihre Bestellung S-100042 ist bestätigt",
    }


async def test_unsubscribing_suppresses_a_mail_that_is_queued(world: World, edge: Edge) -> None:
    address = an_email()
    message = await edge.send(recipient=address)
    await edge.unsubscribe(
        UnsubscribeTokens(SECRET).create(digest_address(address), Topic.REMINDERS)
    )

    async with world.working():
        await world.becomes("suppressed")

    assert (await edge.get(message.id)).reason == pb.MESSAGE_REASON_UNSUBSCRIBED
    assert world.postbox.counts() == (0, 0)


async def test_a_delivery_mail_has_no_survey_after_unsubscribing_from_surveys(
    world: World, edge: Edge
) -> None:
    order = an_order(status=ORDER_STATUS_DELIVERED)
    await world.confirm(order.email)
    await edge.unsubscribe(
        UnsubscribeTokens(SECRET).create(digest_address(order.email), Topic.SURVEYS)
    )

    await world.handle(events_pb2.OrderDelivered(order=order, locale="en"))
    async with world.working():
        await world.becomes("sent")

    content = content_of(world.postbox.to(order.email)[0])
    assert "/survey" not in content["html"] + content["text"]
    assert "List-Unsubscribe" not in content["headers"]


@pytest.mark.parametrize("token", ["", "x", "abc.reminders", "abc.transactional"])
async def test_an_invalid_unsubscribe_token_is_not_found(edge: Edge, token: str) -> None:
    with pytest.raises(NotFound) as refusal:
        await edge.unsubscribe(token)

    assert refusal.value.reason == "UNSUBSCRIBE_TOKEN_NOT_FOUND"


async def test_a_customer_changes_their_own_preferences_only(world: World, edge: Edge) -> None:
    ana, eve = confirmed(), confirmed()
    await world.handle(ana, eve)
    hers, others = (
        "Bearer " + TOKENS.create("customer", customer.customer_id) for customer in (ana, eve)
    )

    assert await edge.wanted(hers) == {"reminders": True, "surveys": True, "marketing": False}
    # A topic that is not named is not wanted.
    assert await edge.want(hers, surveys=True) == {
        "reminders": False,
        "surveys": True,
        "marketing": False,
    }
    await edge.want(hers, surveys=True, marketing=True)
    suppressed = await edge.send(recipient=ana.email)

    assert await edge.wanted(hers) == {"reminders": False, "surveys": True, "marketing": True}
    assert await edge.wanted(others) == {"reminders": True, "surveys": True, "marketing": False}
    assert suppressed.state == pb.MESSAGE_STATE_SUPPRESSED
    assert (await edge.send(recipient=eve.email)).state == pb.MESSAGE_STATE_QUEUED


async def test_invalid_changes_of_preferences_are_refused(world: World, edge: Edge) -> None:
    ana, unconfirmed = confirmed(), registered()
    await world.handle(ana, unconfirmed)
    hers, not_theirs = (
        "Bearer " + TOKENS.create("customer", customer.customer_id)
        for customer in (ana, unconfirmed)
    )
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
