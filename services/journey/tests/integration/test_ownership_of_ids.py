"""An id is no secret: who may write into a journey, and withdraw it."""

from __future__ import annotations

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from journey.touchpoints.record import Seen, without_merged_guests
from services.journey.tests.journey_world import CONSENTS, World, a_touchpoint, an_id, order_placed
from sojourn.identity.v1 import events_pb2 as identity
from sojourn.journey.v1 import journey_pb2 as pb


def a_beacon(visitor: str, *kinds: str) -> pb.RecordTouchpointsRequest:
    touchpoints = [
        pb.BeaconTouchpoint(id=str(uuid7()), kind=kind) for kind in kinds or ("video.play",)
    ]
    return pb.RecordTouchpointsRequest(
        visitor_id=str(an_id(visitor)), consent=CONSENTS["granted"], touchpoints=touchpoints
    )


async def refusal(world: World, method: object, request: object, token: str = "") -> str:
    with pytest.raises(DomainError) as refused:
        await world.ask(method, request, token)
    return refused.value.reason


@pytest.mark.parametrize("subject", ["G", "C"])
async def test_a_stranger_cannot_use_a_guest_s_or_customer_s_id_as_a_visitor_s(
    world: World, subject: str
) -> None:
    await world.record_touchpoints(
        a_touchpoint(visitor="V", guest="G"), a_touchpoint(visitor="W", customer="C")
    )
    withdrawal = pb.WithdrawConsentRequest(visitor_id=str(an_id(subject)))

    reasons = [
        await refusal(world, method, request, token)
        for token in ("", world.tokens.guest(an_id("X")), world.tokens.customer(an_id("Y")))
        for method, request in (
            (world.touchpoints.RecordTouchpoints, a_beacon(subject)),
            (world.touchpoints.WithdrawConsent, withdrawal),
        )
    ]

    assert reasons == ["VISITOR_ID_TAKEN"] * 6
    assert len(await world.rows()) == 2


async def test_a_guest_who_was_never_seen_with_a_visitor_is_known_too(world: World) -> None:
    await world.hear(order_placed(owner="G"), consent="granted")

    assert (
        await refusal(world, world.touchpoints.RecordTouchpoints, a_beacon("G"))
        == "VISITOR_ID_TAKEN"
    )


async def test_a_guest_may_use_their_own_id_with_their_own_token(world: World) -> None:
    await world.record_touchpoints(a_touchpoint(visitor="V", guest="G"))
    token = world.tokens.guest(an_id("G"))

    stored = await world.ask(world.touchpoints.RecordTouchpoints, a_beacon("G"), token)
    await world.ask(
        world.touchpoints.WithdrawConsent,
        pb.WithdrawConsentRequest(visitor_id=str(an_id("G"))),
        token,
    )

    assert stored.stored == 1
    assert await world.rows() == [row for row in await world.rows() if row.visitor_id == an_id("V")]


async def test_a_visitor_with_a_handle_of_their_own_goes_on_as_before(world: World) -> None:
    await world.record_touchpoints(a_touchpoint(visitor="V", guest="G"))

    stored = await world.ask(world.touchpoints.RecordTouchpoints, a_beacon("V"))
    await world.ask(
        world.touchpoints.WithdrawConsent, pb.WithdrawConsentRequest(visitor_id=str(an_id("V")))
    )

    assert stored.stored == 1
    assert await world.rows() == []


async def test_an_old_guest_token_no_longer_writes_into_or_withdraws_the_customer_s_journey(
    world: World,
) -> None:
    await world.record_touchpoints(a_touchpoint(visitor="V", guest="G"))
    await world.hear(
        identity.CustomerLoggedIn(customer_id=str(an_id("C")), guest_id=str(an_id("G"))),
        seconds=10,
        visitor="V",
        consent="granted",
    )
    old = world.tokens.guest(an_id("G"))
    before = (await world.journey(customer_id=str(an_id("C")))).touchpoints

    await world.ask(
        world.touchpoints.RecordTouchpoints, a_beacon("STRANGER", "stranger.was_here"), old
    )
    withdrawn = await refusal(
        world,
        world.touchpoints.WithdrawConsent,
        pb.WithdrawConsentRequest(visitor_id=str(an_id("G"))),
        old,
    )
    after = (await world.journey(customer_id=str(an_id("C")))).touchpoints

    assert withdrawn == "VISITOR_ID_TAKEN"
    assert [each.kind for each in after] == [each.kind for each in before]


async def test_what_the_gateway_saw_of_an_old_guest_token_is_its_visitor_s_alone(
    world: World,
) -> None:
    await world.record_touchpoints(a_touchpoint(visitor="V", guest="G"))
    await world.hear(
        identity.CustomerLoggedIn(customer_id=str(an_id("C")), guest_id=str(an_id("G"))),
        seconds=10,
        visitor="V",
        consent="granted",
    )
    rows = [
        a_touchpoint(seconds=5, visitor="V", guest="G"),
        a_touchpoint(seconds=20, visitor="STRANGER", guest="G"),
        a_touchpoint(seconds=20, visitor="W", guest="H"),
    ]

    async with world.database.read() as read:
        kept = await without_merged_guests(read, [Seen(row) for row in rows])

    assert [each.touchpoint.guest_id for each in kept] == [an_id("G"), None, an_id("H")]


async def test_a_touchpoint_that_makes_no_sense_does_not_take_the_others_with_it(
    world: World,
) -> None:
    beacon = a_beacon("V", "video.play", "video.pause", "video.end")
    beacon.touchpoints[1].kind = "No Kind"
    beacon.touchpoints[2].outcome = 99

    answer = await world.ask(world.touchpoints.RecordTouchpoints, beacon)

    assert (answer.stored, answer.refused, await world.kinds()) == (1, 0, ["video.play"])
    assert [(each.index, each.field, each.reason) for each in answer.rejected] == [
        (1, "kind", "INVALID_TOUCHPOINT"),
        (2, "outcome", "INVALID_TOUCHPOINT"),
    ]
