"""Mails to addresses that nobody proved: one question, the mails of orders, and nothing that a stranger wrote."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from chassis.rpc.errors import NotFound
from chassis.runtime.clock import uuid7
from chassis.testing import an_email, eventually, sample_value
from checkout.testing import a_shipment, an_order
from notifications.mails.actions import send_message
from notifications.mails.model import NewMail
from notifications.mails.recipients import digest_address
from notifications.opt_ins.actions import confirm_address
from notifications.opt_ins.model import OPT_IN_VALIDITY
from notifications.preferences.actions import store_preferences
from notifications.preferences.model import ChangedBy, Topic
from notifications.templates.model import CART_REMINDER
from services.notifications.tests.notifications_world import World, confirmed, content_of, placed, registered, reminder_requested
from sojourn.checkout.v1 import events_pb2
from sojourn.checkout.v1.checkout_pb2 import ORDER_STATUS_DELIVERED
from sojourn.identity.v1 import events_pb2 as identity_pb2


def token_in(world: World, address: str, page: str) -> str:
    """The secret of the link to a page in a mail to an address."""
    words = " ".join(content_of(letter)["text"] for letter in world.postbox.to(address)).split()
    link = next(word for word in words if page in word)
    return link.partition("#token=")[2]


async def confirm(world: World, token: str) -> None:
    async with world.database.tx() as tx:
        await confirm_address(tx, token)


def counted(outcome: str) -> float:
    return sample_value("mails_total", outcome=outcome)


async def states(world: World) -> list[tuple[str, str, str]]:
    return [(mail.template, mail.state, mail.reason) for mail in await world.mails()]


def confirmation_requested(email: str, **changes: Any) -> identity_pb2.EmailConfirmationRequested:
    fields = {"customer_id": str(uuid7()), "email": email, "token": uuid7().hex, "locale": "en", "channel": "de", "valid_seconds": 600}
    return identity_pb2.EmailConfirmationRequested(**{**fields, **changes})


async def test_sixteen_saved_carts_with_a_stranger_s_address_are_one_mail_that_asks(world: World) -> None:
    address = an_email()

    await asyncio.gather(*(world.handle(reminder_requested(address)) for _ in range(16)))
    async with world.working():
        await world.becomes("sent")

    assert world.postbox.counts(address) == (1, 1)
    (letter,) = world.postbox.to(address)
    content = content_of(letter)
    assert letter.subject == "May Sojourn remind you?"
    assert content["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [link for link in content["links"] if link.startswith("https://shop.example/subscriptions/confirm?")]


async def test_following_the_link_confirms_the_address_as_often_as_it_is_followed(world: World) -> None:
    address = an_email()
    await world.handle(reminder_requested(address))
    async with world.working():
        await world.becomes("sent")
    token = token_in(world, address, "/subscriptions/confirm")

    for _ in range(2):
        await confirm(world, token)
    await world.handle(reminder_requested(address))

    async with world.database.read() as read:
        digest = digest_address(address)
        assert await read.fetch("SELECT confirmed_by FROM confirmed_address WHERE email_digest = %s", [digest]) == [("link",)]
    assert len(await world.mails()) == 1


async def test_an_address_is_asked_again_after_seven_days_and_the_older_link_is_good_no_more(world: World) -> None:
    address = an_email()
    await world.handle(reminder_requested(address))
    async with world.working():
        await world.becomes("sent")
        old = token_in(world, address, "/subscriptions/confirm")

        world.database.clock.shift_to(OPT_IN_VALIDITY.total_seconds() - 60)
        await world.handle(reminder_requested(address))
        assert len(await world.mails()) == 1
        world.database.clock.shift_to(OPT_IN_VALIDITY.total_seconds() + 60)
        await world.handle(reminder_requested(address))
        await eventually(lambda: len(world.postbox.to(address)) == 2)

    with pytest.raises(NotFound) as refusal:
        await confirm(world, old)
    assert refusal.value.reason == "CONFIRMATION_TOKEN_NOT_FOUND"


@pytest.mark.parametrize("email", ["no address", "a;b@example.com", ""])
async def test_what_is_no_address_is_asked_nothing(world: World, email: str) -> None:
    await world.handle(reminder_requested(email))

    assert await world.mails() == []


@pytest.mark.parametrize("token", ["", "x", "\u00e4", "A" * 43, "A" * 5_000])
async def test_a_foreign_token_confirms_nothing(world: World, token: str) -> None:
    with pytest.raises(NotFound):
        await confirm(world, token)


async def test_a_registration_is_answered_by_a_mail_without_anything_that_was_typed(world: World) -> None:
    address = an_email()

    await world.handle(registered(address, first_name="Win a prize"), confirmation_requested(address, locale="de"))
    async with world.working():
        await world.becomes("sent")

    (letter,) = world.postbox.to(address)
    content = content_of(letter)
    assert letter.subject == "Bestätigen Sie Ihre Adresse für Sojourn"
    assert "Win a prize" not in content["html"] + content["text"]
    assert token_in(world, address, "/account/confirm")


async def test_the_owner_is_told_of_a_registration_with_their_address(world: World) -> None:
    address = an_email()
    event = identity_pb2.KnownEmailRegistered(owner_id=str(uuid7()), email=address, customer_id=str(uuid7()))

    await world.handle(event, event)
    async with world.working():
        await world.becomes("sent")

    assert world.postbox.to(address)[0].subject == "You already have an account at Sojourn"


async def test_a_login_link_is_mailed_over_any_budget(world: World) -> None:
    address = an_email()
    await world.handle(*(confirmed(address) for _ in range(12)))
    event = identity_pb2.LoginLinkRequested(subject_id=str(uuid7()), email=address, token="a-secret", valid_seconds=1_800)

    await world.handle(event)
    async with world.working():
        await eventually(lambda: len(world.postbox.to(address)) == 11)

    assert token_in(world, address, "/login") == "a-secret"


async def test_mails_over_the_budget_of_a_day_are_dropped_counted_and_listed(world: World) -> None:
    address, before = an_email(), counted("over_budget")

    await world.confirm(address)
    await asyncio.gather(*(world.handle(confirmed(address)) for _ in range(13)))
    dropped = [mail for mail in await states(world) if mail[1:] == ("suppressed", "OVER_BUDGET")]
    world.database.clock.shift_to(timedelta(days=1, minutes=1).total_seconds())
    await world.handle(confirmed(address))

    assert (len(dropped), counted("over_budget") - before) == (3, 3)
    assert (await states(world))[-1][1] == "queued"


async def test_registrations_of_strangers_use_up_neither_a_customer_s_confirmations_nor_other_mails(world: World) -> None:
    address, mine = an_email(), str(uuid7())

    await world.handle(*(confirmation_requested(address) for _ in range(12)))
    await world.handle(confirmation_requested(address, customer_id=mine), confirmed(address, customer_id=mine))

    assert (await states(world))[-2:] == [("confirm_email", "queued", ""), ("welcome", "queued", "")]


async def test_one_customer_is_mailed_five_confirmations_a_day(world: World) -> None:
    address, mine = an_email(), str(uuid7())

    await asyncio.gather(*(world.handle(confirmation_requested(address, customer_id=mine)) for _ in range(8)))

    found = await states(world)
    assert found.count(("confirm_email", "queued", "")) == 5
    assert found.count(("confirm_email", "suppressed", "OVER_BUDGET")) == 3


async def test_a_customer_of_a_release_that_asks_for_no_confirmation_counts_as_confirmed(world: World) -> None:
    event = registered(confirmation_requested=False)

    await world.handle(event)

    assert await states(world) == [("welcome", "queued", "")]
    async with world.database.read() as read:
        digest = digest_address(event.email)
        assert await read.fetch("SELECT confirmed_by FROM confirmed_address WHERE email_digest = %s", [digest]) == [("account",)]
        assert await read.fetch("SELECT 1 FROM subscriber WHERE confirmed_at IS NULL") == []


async def test_a_login_link_without_an_address_mails_nobody(world: World) -> None:
    await world.handle(identity_pb2.LoginLinkRequested(subject_id=str(uuid7()), token="a-secret", valid_seconds=1_800))

    assert await world.mails() == []


async def test_an_address_beyond_ascii_that_unsubscribed_before_the_upgrade_stays_unsubscribed(world: World) -> None:
    address = "jo@bücher.example"
    await world.confirm(address)
    async with world.database.tx() as tx:
        # As the release before stored it: by the digest of the address with its domain in Punycode.
        digest = hashlib.sha256(b"jo@xn--bcher-kva.example").hexdigest()
        await store_preferences(tx, digest, {Topic.REMINDERS: False}, ChangedBy.LINK)
        new = NewMail("reminder", CART_REMINDER, address, {"lines": [], "restore_token": "a-secret"})
        mail = await send_message(tx, new, world.components().rules)

    assert (mail.state, mail.reason) == ("suppressed", "UNSUBSCRIBED")


async def test_an_order_s_mails_count_and_are_never_dropped(world: World) -> None:
    address = an_email()
    orders = [an_order(email=address) for _ in range(12)]

    await world.handle(*map(placed, orders), confirmed(address))

    found = await states(world)
    assert [state for template, state, _ in found if template == "order_confirmation"] == ["queued"] * 12
    assert found[-1] == ("welcome", "suppressed", "OVER_BUDGET")


async def test_a_dropped_question_may_be_asked_later(world: World) -> None:
    address = an_email()
    await world.handle(*(placed(an_order(email=address)) for _ in range(10)), reminder_requested(address))
    assert (await states(world))[-1] == ("confirm_reminders", "suppressed", "OVER_BUDGET")

    world.database.clock.shift_to(timedelta(days=1, minutes=1).total_seconds())
    await world.handle(reminder_requested(address))

    assert (await states(world))[-1] == ("confirm_reminders", "queued", "")


@pytest.mark.parametrize("is_confirmed", [False, True])
async def test_an_unconfirmed_address_gets_the_mails_of_its_order_without_greeting_and_survey(world: World, is_confirmed: bool) -> None:
    order = an_order(status=ORDER_STATUS_DELIVERED)
    order.delivery_address.first_name = "Prizewinner"
    order.delivery_address.street_address = "Unter den Linden 1\nhttp://evil.example/claim"
    if is_confirmed:
        await world.confirm(order.email)

    await world.handle(placed(order, "en"), events_pb2.OrderDelivered(order=order, shipment=a_shipment(order), locale="en"))
    async with world.working():
        await eventually(lambda: len(world.postbox.to(order.email)) == 2)

    contents = [content_of(letter) for letter in world.postbox.to(order.email)]
    texts = "".join(content["text"] + content["html"] for content in contents)
    assert ("Hello Prizewinner" in texts) is is_confirmed
    assert ("/survey" in texts) is is_confirmed
    assert "Unter den Linden 1" in texts, "where it is delivered belongs to the order"
    assert "evil.example" not in texts


async def test_a_welcome_waits_for_the_confirmation_whichever_event_is_heard_first(world: World) -> None:
    late, early = confirmed(), confirmed()

    await world.handle(registered(late.email, customer_id=late.customer_id), late)
    await world.handle(early, registered(early.email, customer_id=early.customer_id))

    assert await states(world) == [("welcome", "queued", "")] * 2
    async with world.database.read() as read:
        assert await read.fetch("SELECT 1 FROM subscriber WHERE confirmed_at IS NULL") == []


@pytest.mark.parametrize(("offers", "state", "reason"), [(True, "sent", ""), (False, "failed", "NEEDS_SMTPUTF8")])
async def test_an_address_beyond_ascii_needs_a_server_that_takes_it(world: World, offers: bool, state: str, reason: str) -> None:
    world.postbox.mailbox.offers_smtputf8 = offers
    await world.handle(placed(an_order(email="jö@bücher.example")))

    async with world.working():
        mail = await world.becomes(state)

    assert mail.reason == reason


async def test_a_domain_beyond_ascii_needs_nothing_of_the_server(world: World) -> None:
    world.postbox.mailbox.offers_smtputf8 = False
    await world.handle(placed(an_order(email="jo@bücher.example")))

    async with world.working():
        mail = await world.becomes("sent")

    assert mail.recipient == "jo@bücher.example"
    assert world.postbox.counts("jo@xn--bcher-kva.example") == (1, 1)
