"""Opt-in mails to addresses that are not confirmed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from chassis.rpc.errors import NotFound
from chassis.testing import an_email, eventually
from checkout.testing import an_order
from notifications.mails.recipients import digest_address
from notifications.opt_ins.actions import confirm_address
from notifications.opt_ins.model import OPT_IN_VALIDITY
from services.notifications.tests.notifications_world import (
    World,
    content_of,
    placed,
    reminder_requested,
)


async def confirm(world: World, token: str) -> None:
    async with world.database.tx() as tx:
        await confirm_address(tx, token)


async def test_sixteen_saved_carts_with_one_unconfirmed_address_send_one_opt_in_mail(
    world: World,
) -> None:
    address = an_email()

    await asyncio.gather(*(world.handle(reminder_requested(address)) for _ in range(16)))
    async with world.working():
        await world.becomes("sent")

    assert world.postbox.counts(address) == (1, 1)
    (letter,) = world.postbox.to(address)
    content = content_of(letter)
    assert letter.subject == "May Sojourn remind you?"
    assert content["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [
        link
        for link in content["links"]
        if link.startswith("https://shop.example/subscriptions/confirm?")
    ]


async def test_following_the_opt_in_link_twice_confirms_the_address_once(world: World) -> None:
    address = an_email()
    await world.handle(reminder_requested(address))
    async with world.working():
        await world.becomes("sent")
    token = world.token_in(address, "/subscriptions/confirm")

    for _ in range(2):
        await confirm(world, token)
    await world.handle(reminder_requested(address))

    async with world.database.read() as read:
        digest = digest_address(address)
        assert await read.fetch(
            "SELECT confirmed_by FROM confirmed_address WHERE email_digest = %s", [digest]
        ) == [("link",)]
    assert len(await world.mails()) == 1


async def test_a_new_opt_in_mail_after_seven_days_invalidates_the_older_link(world: World) -> None:
    address = an_email()
    await world.handle(reminder_requested(address))
    async with world.working():
        await world.becomes("sent")
        old = world.token_in(address, "/subscriptions/confirm")

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
async def test_an_invalid_address_gets_no_opt_in_mail(world: World, email: str) -> None:
    await world.handle(reminder_requested(email))

    assert await world.mails() == []


@pytest.mark.parametrize("token", ["", "x", "\u00e4", "A" * 43, "A" * 5_000])
async def test_an_invalid_opt_in_token_confirms_nothing(world: World, token: str) -> None:
    with pytest.raises(NotFound):
        await confirm(world, token)


async def test_a_suppressed_opt_in_mail_may_be_sent_the_next_day(world: World) -> None:
    address = an_email()
    await world.handle(
        *(placed(an_order(email=address)) for _ in range(10)), reminder_requested(address)
    )
    assert (await world.states())[-1] == ("confirm_reminders", "suppressed", "OVER_BUDGET")

    world.database.clock.shift_to(timedelta(days=1, minutes=1).total_seconds())
    await world.handle(reminder_requested(address))

    assert (await world.states())[-1] == ("confirm_reminders", "queued", "")
