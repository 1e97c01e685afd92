from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message

from chassis.data.timers import TimerRunner
from chassis.rpc.errors import Unavailable
from chassis.runtime.clock import real_now
from chassis.testing import eventually, running
from services.journey.tests.journey_world import World, an_id, at, order_placed
from sojourn.cart.v1 import events_pb2 as cart
from sojourn.common.v1.quantity_pb2 import Quantity
from sojourn.identity.v1 import events_pb2 as identity

HOUR = 3_600


def abandoned(
    *, version: int = 5, email: str = "ana.secret@example.com", owner: str = "G"
) -> cart.CartAbandoned:
    event = cart.CartAbandoned(
        cart_id=str(an_id("K")),
        version=version,
        owner_id=str(an_id(owner)),
        email=email,
        locale="de",
        channel="default",
        lines=[
            cart.AbandonedLine(variant_id=str(an_id(name)), title=name, quantity=Quantity(steps=2))
            for name in "PQ"
        ],
        restore_token="secret-token",
        subtotal={"amount_minor": 10_00, "currency": "EUR"},
    )
    event.last_activity_at.FromDatetime(at(-HOUR))
    return event


@pytest.fixture(autouse=True)
async def shop(world: World) -> None:
    """Both products are there, and the clock stands at the abandonment."""
    world.catalog.sell(an_id("P"), available=3)
    world.catalog.sell(an_id("Q"), available=0)
    pass_time(world, 0)


def pass_time(world: World, seconds: float) -> None:
    world.database.clock.shift_to((at(seconds) - real_now()).total_seconds())


async def statuses(world: World) -> list[tuple[Any, ...]]:
    async with world.database.read() as read:
        return await read.fetch("SELECT status, reason, email FROM reminder ORDER BY cart_version")


async def when_due(world: World) -> list[tuple[Any, ...]]:
    """Returns the reminders after the delay."""
    pass_time(world, HOUR + 1)
    async with running(TimerRunner(world.database, world.timers).run):

        async def no_timers() -> bool:
            async with world.database.read() as read:
                return await read.fetch("SELECT 1 FROM timer") == []

        await eventually(no_timers)
    return await statuses(world)


async def test_who_agreed_is_reminded_once_of_what_is_still_there(world: World) -> None:
    event = abandoned()
    event_id = await world.hear(event)
    await world.hear(event, event_id=event_id)

    async with running(TimerRunner(world.database, world.timers).run):
        pass_time(world, HOUR - 60)
        assert world.notifications.sent == {}

    assert await when_due(world) == [("sent", "", "")]
    ((key, sent),) = world.notifications.sent.items()
    assert key == f"cart-reminder:{an_id('K')}:5"
    assert (sent.template, sent.recipient, sent.locale, sent.cart_id) == (
        "cart_reminder",
        "ana.secret@example.com",
        "de",
        str(an_id("K")),
    )
    assert [(line["title"], line["quantity"]) for line in sent.variables["lines"]] == [("Tea", 2)]
    assert sent.variables["restore_token"] == "secret-token"


async def test_a_reminder_that_its_recipient_may_not_get_is_no_sent_one(world: World) -> None:
    world.notifications.unconfirmed.add("ana.secret@example.com")
    await world.hear(abandoned())

    assert await when_due(world) == [("cancelled", "not_allowed", "")]


async def test_who_did_not_agree_is_not_reminded(world: World) -> None:
    await world.hear(abandoned(email=""))

    assert await statuses(world) == []


def back(kind: str) -> Message:
    cart_id, guest = str(an_id("K")), str(an_id("G"))
    return {
        "line added": cart.CartLineAdded(cart_id=cart_id, version=6, owner_id=guest),
        "restored": cart.CartRestored(
            cart_id=cart_id, version=6, owner_id=guest, saved_cart_id=cart_id
        ),
        "restored elsewhere": cart.CartRestored(
            cart_id=str(an_id("L")), version=2, owner_id=str(an_id("H")), saved_cart_id=cart_id
        ),
        "merged": cart.CartMerged(
            cart_id=str(an_id("M")), version=2, guest_id=guest, customer_id=str(an_id("C"))
        ),
        "ordered": order_placed(owner="G", cart="K"),
    }[kind]


@pytest.mark.parametrize(
    "kind", ["line added", "restored", "restored elsewhere", "merged", "ordered"]
)
@pytest.mark.parametrize("is_late", [False, True])
async def test_who_came_back_is_not_reminded_whichever_event_is_heard_first(
    world: World, kind: str, is_late: bool
) -> None:
    events = [abandoned(), back(kind)]
    for event in reversed(events) if is_late else events:
        await world.hear(event)

    reminders = await when_due(world)

    assert world.notifications.sent == {}
    assert reminders == ([] if is_late else [("cancelled", "came_back", "")])


async def test_what_happened_before_the_abandonment_cancels_nothing(world: World) -> None:
    await world.hear(abandoned())
    await world.hear(
        cart.CartLineAdded(cart_id=str(an_id("K")), version=4, owner_id=str(an_id("G")))
    )

    assert await when_due(world) == [("sent", "", "")]


async def test_each_abandonment_has_its_reminder(world: World) -> None:
    await world.hear(abandoned(version=5))
    await world.hear(
        cart.CartLineAdded(cart_id=str(an_id("K")), version=6, owner_id=str(an_id("G")))
    )
    await world.hear(abandoned(version=7))

    assert await when_due(world) == [("cancelled", "came_back", ""), ("sent", "", "")]
    assert len(world.notifications.sent) == 1


async def test_what_cannot_be_had_any_more_is_no_reason_to_write(world: World) -> None:
    await world.hear(abandoned())
    world.catalog.sell(an_id("P"), available=0)

    assert await when_due(world) == [("cancelled", "out_of_stock", "")]


@pytest.mark.parametrize(("seconds", "status"), [(60, "cancelled"), (-2 * HOUR, "sent")])
async def test_a_refusal_after_the_agreement_counts(
    world: World, seconds: float, status: str
) -> None:
    await world.hear(abandoned(owner="C"))
    await world.hear(
        identity.ConsentChanged(
            customer_id=str(an_id("C")), granted={"marketing": False}, version=3
        ),
        seconds=seconds,
    )

    assert [row[0] for row in await when_due(world)] == [status]


async def test_while_catalog_is_away_the_reminder_waits(world: World) -> None:
    await world.hear(abandoned())
    world.catalog.calls.is_away = True
    pass_time(world, HOUR + 1)
    async with world.database.read() as read:
        ((reminder_id,),) = await read.fetch("SELECT id FROM reminder")
    from chassis.data.timers import Timer

    with pytest.raises(Unavailable):
        await world.timers["remind_of_cart"](
            Timer("remind_of_cart", str(reminder_id), {}, at(0), 1, (reminder_id, at(0)))
        )

    world.catalog.calls.is_away = False
    assert await when_due(world) == [("sent", "", "")]
