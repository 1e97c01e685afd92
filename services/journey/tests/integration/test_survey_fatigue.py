"""Nobody is asked more often than the rules allow, whatever order of triggers."""

from __future__ import annotations

import asyncio
import contextlib
import random
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from chassis.rpc.errors import Refused
from chassis.runtime.clock import real_now, uuid7
from journey.surveys import mailing
from journey.surveys.mailing import Address, schedule_surveys
from services.journey.tests.journey_world import World, a_touchpoint, an_id, at
from services.journey.tests.surveys import DAY, KIND, a_survey, asked, put, put_rules
from sojourn.journey.v1 import surveys_pb2 as pb

BOTH = [pb.SURVEY_MEDIUM_PAGE, pb.SURVEY_MEDIUM_MAIL]
SLUGS = ("first", "second", "third")


def pass_time(world: World, seconds: float) -> None:
    world.database.clock.shift_to((at(seconds) - real_now()).total_seconds())


async def ask_somehow(world: World, choice: random.Random, person: str) -> None:
    """Lets a person be asked by a browser of theirs, with or without their token, or by mail."""
    browser = f"{person} {choice.choice('VW')}"
    slug = choice.choice(SLUGS)
    token = world.tokens.customer(an_id(person)) if choice.random() < 0.5 else ""
    if choice.random() < 0.3:
        await ask_by_mail(world, person)
        return
    with contextlib.suppress(Refused):
        await asked(world, browser, slug, token)


async def ask_by_mail(world: World, person: str) -> None:
    now = world.database.clock.now()
    row = a_touchpoint(KIND, customer=person, id=uuid7())._replace(occurred_at=now)
    async with world.database.tx() as tx:
        await schedule_surveys(tx, [(row, Address("ana.secret@example.com", "en"))])
    async with world.database.read() as read:
        found = await read.fetch(
            "SELECT id FROM survey_invitation WHERE touchpoint_id = %s", [row.id]
        )
    await asyncio.gather(*(mailing.take_turn(world.database, id) for (id,) in found))
    for (id,) in found:
        await mailing.settle_mail(world.database, id, refusal="")


async def times_asked(world: World, person: str) -> list[datetime]:
    ids = [an_id(person), an_id(f"{person} V"), an_id(f"{person} W")]
    async with world.database.read() as read:
        found = await read.fetch(
            "SELECT asked_at FROM survey_invitation WHERE asked_at IS NOT NULL"
            " AND (visitor_id = ANY(%(ids)s) OR customer_id = ANY(%(ids)s)) ORDER BY asked_at",
            {"ids": ids},
        )
    return [when for (when,) in found]


@pytest.mark.parametrize("seed", range(4))
async def test_nobody_is_asked_more_often_than_the_rules_allow(world: World, seed: int) -> None:
    choice = random.Random(seed)
    days, most = choice.choice([(30, 4), (7, 3), (1, 5), (90, 2)])
    await put_rules(world, days_between=days, most_per_year=most)
    pass_time(world, 0)
    for slug in SLUGS:
        await put(world, a_survey(slug, trigger={"media": BOTH, "window_seconds": 90 * DAY}))
    people = ["A", "B"]
    seconds = 0.0
    for _ in range(25):
        seconds += choice.choice([0, 60, DAY, 5 * DAY, 20 * DAY, 40 * DAY])
        pass_time(world, seconds)
        for person in people:
            rows = [
                a_touchpoint(KIND, visitor=f"{person} {name}", customer=person, seconds=seconds - 1)
                for name in "VW"
            ]
            await world.record_touchpoints(*rows)
        # Taps at the same moment must not both get a turn.
        person = choice.choice(people)
        await asyncio.gather(*(ask_somehow(world, choice, person) for _ in range(3)))

    for person in people:
        found = await times_asked(world, person)
        assert found
        gaps = [later - earlier for earlier, later in pairwise(found)]
        assert all(gap >= timedelta(days=days) for gap in gaps)
        for first in found:
            year = [when for when in found if first <= when < first + timedelta(days=365)]
            assert len(year) <= most
