"""Parting a browser from the person that it was taken for, and joining it again."""

from __future__ import annotations

import pytest

from chassis.rpc.errors import DomainError
from services.journey.tests.journey_world import World, a_touchpoint, an_id
from sojourn.journey.v1 import journey_pb2, people_pb2


async def separate(world: World, handle: str) -> None:
    request = people_pb2.SeparateHandleRequest(handle_id=str(an_id(handle)))
    await world.ask(world.people.SeparateHandle, request, world.staff)


async def rejoin(world: World, handle: str) -> None:
    request = people_pb2.RejoinHandleRequest(handle_id=str(an_id(handle)))
    await world.ask(world.people.RejoinHandle, request, world.staff)


async def record(world: World, subject: str, **who: str) -> None:
    await world.record_touchpoints(a_touchpoint("a", **who)._replace(subject=subject))


async def people(world: World) -> dict[str, str]:
    """Returns whose each touchpoint is, by subject, as names."""
    names = {an_id(name): name for name in ("V1", "V2", "C")}
    return {subject: names[person] for subject, person in (await world.persons()).items()}


async def test_a_parted_browser_stays_apart_until_it_is_rejoined(world: World) -> None:
    await record(world, "before", visitor="V1")
    await record(world, "signed in", visitor="V1", customer="C")
    await record(world, "elsewhere", visitor="V2", customer="C")
    together = {"before": "C", "signed in": "C", "elsewhere": "C"}
    assert await people(world) == together

    await separate(world, "V1")
    await separate(world, "V1")
    assert await people(world) == {**together, "before": "V1"}

    await record(world, "signed in again", visitor="V1", customer="C")
    await record(world, "after", visitor="V1")
    apart = {**together, "before": "V1", "signed in again": "C", "after": "V1"}
    assert await people(world) == apart

    await rejoin(world, "V1")
    await rejoin(world, "V1")
    assert set((await people(world)).values()) == {"C"}
    async with world.database.read() as read:
        audited = await read.fetch("SELECT action FROM audit ORDER BY at, id")
    assert [action for (action,) in audited] == ["separate_handle", "rejoin_handle"]


async def test_a_customer_cannot_be_parted(world: World) -> None:
    await record(world, "signed in", visitor="V1", customer="C")

    with pytest.raises(DomainError) as refusal:
        await separate(world, "C")

    assert refusal.value.reason == "INVALID_QUESTION"


async def test_withdrawal_forgets_the_parting(world: World) -> None:
    await record(world, "before", visitor="V1")
    await separate(world, "V1")

    await world.ask(
        world.touchpoints.WithdrawConsent,
        journey_pb2.WithdrawConsentRequest(visitor_id=str(an_id("V1"))),
    )

    async with world.database.read() as read:
        assert await read.fetch("SELECT handle_id FROM separation") == []
