"""Rules of mails: daily limits, confirmed addresses, and addresses beyond ASCII."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.rpc.wire import timestamp
from chassis.runtime.clock import uuid7
from chassis.testing import an_email, eventually, sample_value
from checkout.testing import a_shipment, an_order
from notifications.mails.actions import send_message
from notifications.mails.model import NewMail
from notifications.mails.recipients import digest_address
from notifications.preferences.actions import store_preferences
from notifications.preferences.model import ChangedBy, Topic
from notifications.templates.model import CART_REMINDER
from services.notifications.tests.notifications_world import (
    World,
    confirmed,
    content_of,
    placed,
    registered,
)
from sojourn.checkout.v1 import events_pb2
from sojourn.checkout.v1.checkout_pb2 import ORDER_STATUS_DELIVERED
from sojourn.identity.v1 import events_pb2 as identity_pb2


def counted(outcome: str) -> float:
    return sample_value("mails_total", outcome=outcome)


def confirmation_requested(email: str, **changes: Any) -> identity_pb2.EmailConfirmationRequested:
    fields = {
        "customer_id": str(uuid7()),
        "email": email,
        "token": uuid7().hex,
        "locale": "en",
        "channel": "de",
        "valid_seconds": 600,
    }
    return identity_pb2.EmailConfirmationRequested(**{**fields, **changes})


async def test_a_registration_sends_a_confirmation_mail_without_typed_text(world: World) -> None:
    address = an_email()

    await world.handle(
        registered(address, first_name="Win a prize"), confirmation_requested(address, locale="de")
    )
    async with world.working():
        await world.becomes("sent")

    (letter,) = world.postbox.to(address)
    content = content_of(letter)
    assert letter.subject == "Bestätigen Sie Ihre Adresse für Sojourn"
    assert "Win a prize" not in content["html"] + content["text"]
    assert world.token_in(address, "/account/confirm")


async def test_a_registration_with_a_known_address_is_mailed_to_its_owner(world: World) -> None:
    address = an_email()
    event = identity_pb2.KnownEmailRegistered(
        owner_id=str(uuid7()), email=address, customer_id=str(uuid7())
    )

    await world.handle(event, event)
    async with world.working():
        await world.becomes("sent")

    assert world.postbox.to(address)[0].subject == "You already have an account at Sojourn"


async def test_an_invitation_of_an_organization_is_mailed_once(world: World) -> None:
    address, expires_at = an_email(), timestamp(datetime(2026, 3, 10, 9, tzinfo=UTC))
    event = identity_pb2.OrganizationInvitationSent(
        invitation_id=str(uuid7()),
        organization_id=str(uuid7()),
        organization_name="Miller & Sons",
        email=address,
        locale="de-DE",
        expires_at=expires_at,
    )

    await world.handle(event, event)
    async with world.working():
        await world.becomes("sent")

    (letter,) = world.postbox.to(address)
    content = content_of(letter)
    assert letter.subject == "Miller & Sons lädt Sie ein, bei Sojourn einzukaufen"
    assert "9. März 2026" in content["text"]
    assert "Miller &amp; Sons" in content["html"]


async def test_a_login_link_is_mailed_beyond_the_daily_limit(world: World) -> None:
    address = an_email()
    await world.handle(*(confirmed(address) for _ in range(12)))
    event = identity_pb2.LoginLinkRequested(
        subject_id=str(uuid7()), email=address, token="a-secret", valid_seconds=1_800
    )

    await world.handle(event)
    async with world.working():
        await eventually(lambda: len(world.postbox.to(address)) == 11)

    assert world.token_in(address, "/login") == "a-secret"


async def test_mails_beyond_the_daily_limit_are_suppressed_and_counted(world: World) -> None:
    address, before = an_email(), counted("over_budget")

    await world.confirm(address)
    await asyncio.gather(*(world.handle(confirmed(address)) for _ in range(13)))
    dropped = [mail for mail in await world.states() if mail[1:] == ("suppressed", "OVER_BUDGET")]
    world.database.clock.shift_to(timedelta(days=1, minutes=1).total_seconds())
    await world.handle(confirmed(address))

    assert (len(dropped), counted("over_budget") - before) == (3, 3)
    assert (await world.states())[-1][1] == "queued"


async def test_registrations_of_strangers_do_not_use_up_the_limits_of_a_customer(
    world: World,
) -> None:
    address, mine = an_email(), str(uuid7())

    await world.handle(*(confirmation_requested(address) for _ in range(12)))
    await world.handle(
        confirmation_requested(address, customer_id=mine), confirmed(address, customer_id=mine)
    )

    assert (await world.states())[-2:] == [
        ("confirm_email", "queued", ""),
        ("welcome", "queued", ""),
    ]


async def test_a_customer_gets_five_confirmation_mails_a_day(world: World) -> None:
    address, mine = an_email(), str(uuid7())

    await asyncio.gather(
        *(world.handle(confirmation_requested(address, customer_id=mine)) for _ in range(8))
    )

    found = await world.states()
    assert found.count(("confirm_email", "queued", "")) == 5
    assert found.count(("confirm_email", "suppressed", "OVER_BUDGET")) == 3


async def test_a_customer_of_an_older_release_without_confirmations_counts_as_confirmed(
    world: World,
) -> None:
    event = registered(confirmation_requested=False)

    await world.handle(event)

    assert await world.states() == [("welcome", "queued", "")]
    async with world.database.read() as read:
        digest = digest_address(event.email)
        assert await read.fetch(
            "SELECT confirmed_by FROM confirmed_address WHERE email_digest = %s", [digest]
        ) == [("account",)]
        assert await read.fetch("SELECT 1 FROM subscriber WHERE confirmed_at IS NULL") == []


async def test_a_login_link_without_an_address_is_not_mailed(world: World) -> None:
    await world.handle(
        identity_pb2.LoginLinkRequested(
            subject_id=str(uuid7()), token="a-secret", valid_seconds=1_800
        )
    )

    assert await world.mails() == []


async def test_an_address_beyond_ascii_that_unsubscribed_before_the_upgrade_stays_unsubscribed(
    world: World,
) -> None:
    address = "jo@bücher.example"
    await world.confirm(address)
    async with world.database.tx() as tx:
        # As the release before stored it: by the digest of the address with its domain in Punycode.
        digest = hashlib.sha256(b"jo@xn--bcher-kva.example").hexdigest()
        await store_preferences(tx, digest, {Topic.REMINDERS: False}, ChangedBy.LINK)
        new = NewMail(
            "reminder", CART_REMINDER, address, {"lines": [], "restore_token": "a-secret"}
        )
        mail = await send_message(tx, new, world.wiring().rules)

    assert (mail.state, mail.reason) == ("suppressed", "UNSUBSCRIBED")


async def test_mails_of_orders_count_towards_the_daily_limit_and_are_never_suppressed(
    world: World,
) -> None:
    address = an_email()
    orders = [an_order(email=address) for _ in range(12)]

    await world.handle(*map(placed, orders), confirmed(address))

    found = await world.states()
    assert [state for template, state, _ in found if template == "order_confirmation"] == [
        "queued"
    ] * 12
    assert found[-1] == ("welcome", "suppressed", "OVER_BUDGET")


@pytest.mark.parametrize("is_confirmed", [False, True])
async def test_mails_of_orders_to_an_unconfirmed_address_have_no_greeting_and_no_survey(
    world: World, is_confirmed: bool
) -> None:
    order = an_order(status=ORDER_STATUS_DELIVERED)
    order.delivery_address.first_name = "Prizewinner"
    order.delivery_address.street_address = "Unter den Linden 1\nhttp://evil.example/claim"
    if is_confirmed:
        await world.confirm(order.email)

    await world.handle(
        placed(order, "en"),
        events_pb2.OrderDelivered(order=order, shipment=a_shipment(order), locale="en"),
    )
    async with world.working():
        await eventually(lambda: len(world.postbox.to(order.email)) == 2)

    contents = [content_of(letter) for letter in world.postbox.to(order.email)]
    texts = "".join(content["text"] + content["html"] for content in contents)
    assert ("Hello Prizewinner" in texts) is is_confirmed
    assert ("/survey" in texts) is is_confirmed
    assert "Unter den Linden 1" in texts, "where it is delivered belongs to the order"
    assert "evil.example" not in texts


async def test_a_welcome_is_queued_once_whichever_event_arrives_first(world: World) -> None:
    late, early = confirmed(), confirmed()

    await world.handle(registered(late.email, customer_id=late.customer_id), late)
    await world.handle(early, registered(early.email, customer_id=early.customer_id))

    assert await world.states() == [("welcome", "queued", "")] * 2
    async with world.database.read() as read:
        assert await read.fetch("SELECT 1 FROM subscriber WHERE confirmed_at IS NULL") == []


@pytest.mark.parametrize(
    ("offers", "state", "reason"), [(True, "sent", ""), (False, "failed", "NEEDS_SMTPUTF8")]
)
async def test_a_local_part_beyond_ascii_needs_a_server_with_smtputf8(
    world: World, offers: bool, state: str, reason: str
) -> None:
    world.postbox.mailbox.offers_smtputf8 = offers
    await world.handle(placed(an_order(email="jö@bücher.example")))

    async with world.working():
        mail = await world.becomes(state)

    assert mail.reason == reason


async def test_a_domain_beyond_ascii_needs_no_smtputf8(world: World) -> None:
    world.postbox.mailbox.offers_smtputf8 = False
    await world.handle(placed(an_order(email="jo@bücher.example")))

    async with world.working():
        mail = await world.becomes("sent")

    assert mail.recipient == "jo@bücher.example"
    assert world.postbox.counts("jo@xn--bcher-kva.example") == (1, 1)
