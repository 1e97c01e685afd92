"""Mails tell that they were opened or clicked only where their customer allows analytics."""

from __future__ import annotations

from uuid import UUID

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import an_email
from notifications.mails.actions import send_message
from notifications.mails.model import NewMail
from notifications.templates.model import CART_REMINDER
from notifications.templates.samples import SAMPLES
from services.notifications.tests.notifications_world import World, content_of
from sojourn.identity.v1 import events_pb2 as identity


def answered(customer: UUID, *, analytics: bool, version: int) -> identity.ConsentChanged:
    return identity.ConsentChanged(
        customer_id=str(customer), granted={"analytics": analytics}, version=version
    )


async def reminded(world: World, customer: UUID, *, tracks_mails: bool = True) -> dict[str, str]:
    """Returns the parts of a mail to a customer."""
    address = an_email()
    await world.confirm(address)
    new = NewMail(
        dedupe_key=str(uuid7()),
        template=CART_REMINDER,
        recipient=address,
        variables=SAMPLES["cart_reminder"],
        owner_id=customer,
    )
    wiring = world.wiring(tracks_mails=tracks_mails)
    async with world.service.database.tx() as tx:
        await send_message(tx, new, wiring.rules)
    async with world.working(wiring):
        await world.becomes("sent")
    (letter,) = world.postbox.to(address)
    return content_of(letter)


@pytest.mark.parametrize(
    ("answers", "is_tracked"),
    [
        ([], False),
        ([(True, 2)], True),
        ([(False, 2)], False),
        ([(True, 2), (False, 3)], False),
        ([(False, 3), (True, 2)], False),
    ],
)
async def test_the_newest_answer_of_the_account_decides(
    world: World, answers: list[tuple[bool, int]], is_tracked: bool
) -> None:
    customer = uuid7()
    for analytics, version in answers:
        await world.handle(answered(customer, analytics=analytics, version=version))

    content = await reminded(world, customer)

    assert ("/v1/mails/links/" in content["html"]) is is_tracked
    assert ("/v1/mails/opens/" in content["html"]) is is_tracked
    assert "/v1/mails/" not in content["text"]


async def test_nothing_is_tracked_where_the_shop_does_not_want_it(world: World) -> None:
    customer = uuid7()
    await world.handle(answered(customer, analytics=True, version=2))

    content = await reminded(world, customer, tracks_mails=False)

    assert "/v1/mails/" not in content["html"]
