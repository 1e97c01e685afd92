from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from chassis.data.timers import TimerRunner
from chassis.runtime.clock import real_now
from chassis.testing import eventually, running
from services.journey.tests.journey_world import World, an_id, at, order_placed
from services.journey.tests.surveys import DAY, a_survey, answer, put, put_rules
from sojourn.checkout.v1 import events_pb2 as checkout
from sojourn.identity.v1 import events_pb2 as identity
from sojourn.journey.v1 import surveys_pb2 as pb

MAIL = {"media": [pb.SURVEY_MEDIUM_MAIL], "delay_seconds": 2 * DAY}


@pytest.fixture(autouse=True)
async def clock(world: World) -> None:
    pass_time(world, 0)


def pass_time(world: World, seconds: float) -> None:
    world.database.clock.shift_to((at(seconds) - real_now()).total_seconds())


def delivered(order: str = "O", owner: str = "C") -> checkout.OrderDelivered:
    placed = order_placed(order=order, owner=owner)
    return checkout.OrderDelivered(order=placed.order, locale="de")


async def invitations(world: World) -> list[tuple[Any, ...]]:
    async with world.database.read() as read:
        return await read.fetch(
            "SELECT state, reason, email, asked_at IS NULL FROM survey_invitation ORDER BY id"
        )


async def when_due(world: World, *, days: float = 2, waiting: int = 0) -> list[tuple[Any, ...]]:
    """Returns the invitations once only some still wait."""
    pass_time(world, days * DAY + 60)
    async with running(TimerRunner(world.database, world.timers).run):

        async def are_settled() -> bool:
            return sum(bool(row[2]) for row in await invitations(world)) == waiting

        await eventually(are_settled, within=10)
    return await invitations(world)


async def buy(world: World, order: str = "O", owner: str = "C", *, seconds: float = 0) -> None:
    """C consents by a browser, buys, and gets the parcel."""
    await world.hear(
        order_placed(order=order, owner=owner), consent="granted", visitor="V", seconds=seconds
    )
    await world.hear(delivered(order, owner), seconds=seconds)


async def test_a_survey_is_mailed_once_after_its_delay_and_answered_by_its_link(
    world: World,
) -> None:
    await put(world, a_survey(trigger=MAIL))
    await buy(world)
    before = await invitations(world)

    found = await when_due(world)

    (key,) = world.notifications.sent
    sent = world.notifications.sent[key]
    variables = MessageToDict(sent.variables)
    assert before == [("scheduled", "", "ana.secret@example.com", True)]
    assert found == [("asked", "", "", False)]
    assert (sent.template, sent.recipient, sent.locale, sent.owner_id, sent.channel) == (
        "survey",
        "ana.secret@example.com",
        "de",
        str(an_id("C")),
        "default",
    )
    assert variables.pop("question").startswith("Wie wahrscheinlich")
    token = variables.pop("token")
    assert variables == {"lowest": 0, "highest": 10}
    assert (await answer(world, token, 9)).slug == "after-delivery"
    rows = [row for row in await world.rows() if row.kind == "feedback.given"]
    assert [(row.guest_id, row.subject) for row in rows] == [(an_id("C"), str(an_id("O")))]


async def test_a_refused_mail_was_no_turn(world: World) -> None:
    world.notifications.unconfirmed.add("ana.secret@example.com")
    await put(world, a_survey(trigger=MAIL))
    await buy(world)

    assert await when_due(world) == [("skipped", "not_allowed", "", True)]


async def test_the_rules_decide_when_the_mail_is_due(world: World) -> None:
    await put(world, a_survey(trigger=MAIL))
    await put(world, a_survey("second", trigger={**MAIL, "delay_seconds": 3 * DAY}))
    await buy(world)

    await when_due(world, days=2, waiting=1)
    found = await when_due(world, days=3)

    assert sorted(found) == [("asked", "", "", False), ("skipped", "not_due", "", True)]
    assert len(world.notifications.sent) == 1


async def test_a_survey_that_was_ended_meanwhile_is_not_mailed(world: World) -> None:
    await put(world, a_survey(trigger=MAIL))
    await buy(world)
    await put(world, a_survey(trigger=MAIL, state=pb.SURVEY_STATE_ENDED))

    assert await when_due(world) == [("skipped", "not_due", "", True)]
    assert not world.notifications.sent


async def test_nothing_is_scheduled_without_consent(world: World) -> None:
    await put_rules(world, days_between=0)
    await put(world, a_survey(trigger=MAIL))

    await world.hear(order_placed(), visitor="V")
    await world.hear(delivered())

    assert await invitations(world) == []


async def test_who_withdraws_is_not_asked(world: World) -> None:
    await put(world, a_survey(trigger=MAIL))
    await world.hear(
        identity.CustomerRegistered(customer_id=str(an_id("C")), channel="default"),
        consent="granted",
        visitor="V",
    )
    await buy(world)
    assert len(await invitations(world)) == 1

    refusal = identity.ConsentChanged(
        customer_id=str(an_id("C")), granted={"analytics": False}, version=2
    )
    await world.hear(refusal, seconds=DAY)

    assert await invitations(world) == []
    assert await when_due(world) == []
    assert not world.notifications.sent
