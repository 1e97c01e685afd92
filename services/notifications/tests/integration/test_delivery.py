"""Delivery of exactly one mail through refusals, outages, missing replies and dead workers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import Any

import pytest

from chassis.data.database import Database
from chassis.data.timers import Timer, TimerRunner
from chassis.events.broker import Broker
from chassis.events.consumer import Consumer
from chassis.testing import eventually, running, sample_value
from checkout.testing import an_order
from notifications import metrics
from notifications.delivery.channel import ReceiptStatus
from notifications.mails.model import DELIVERY_TIMER, Mail
from services.notifications.tests.notifications_world import (
    SECRET,
    Stopping,
    World,
    placed,
    publish,
)
from sojourn.notifications.v1 import events_pb2 as own_pb2
from sojourn.notifications.v1.notifications_pb2 import MESSAGE_REASON_REFUSED


@pytest.mark.parametrize("stage", ["rcpt", "data"])
async def test_a_temporary_refusal_is_retried(world: World, stage: str) -> None:
    world.postbox.misbehave("refuse_temporarily", stage=stage, times=2)
    await world.handle(placed())

    async with world.working():
        mail = await world.becomes("sent")

    assert mail.tries == 3
    assert await world.attempts() == [
        ("refused_for_now", 4),
        ("refused_for_now", 4),
        ("accepted", 2),
    ]
    assert world.postbox.counts() == (1, 1)


@pytest.mark.parametrize("stage", ["rcpt", "data"])
async def test_a_permanent_refusal_fails_the_mail_at_once(world: World, stage: str) -> None:
    world.postbox.misbehave("refuse_permanently", stage=stage)
    await world.handle(placed())

    async with world.working():
        mail = await world.becomes("failed")

    assert (mail.reason, mail.tries) == ("REFUSED", 1)
    assert await world.attempts() == [("refused_for_good", 5)]
    (event,) = await world.events(own_pb2.MessageFailed)
    assert (event.message_id, event.reason, event.order_id) == (
        str(mail.id),
        MESSAGE_REASON_REFUSED,
        str(mail.order_id),
    )
    assert world.postbox.counts() == (0, 0)


async def test_a_mail_that_is_refused_too_often_fails(world: World) -> None:
    world.postbox.misbehave("refuse_temporarily")
    await world.handle(placed())

    async with world.working():
        mail = await world.becomes("failed")
        await eventually(lambda: _no_timers(world))

    assert (mail.reason, mail.tries) == ("TRIES_EXHAUSTED", 4)


async def _no_timers(world: World) -> bool:
    return await world.timers_left() == 0


async def test_an_outage_of_the_server_costs_no_tries_and_loses_no_mail(world: World) -> None:
    await world.postbox.hang_up()
    await world.handle(placed(), placed(), placed())

    async with world.working():
        await eventually(lambda: _all_absent(world))
        await world.postbox.listen()
        await eventually(lambda: world.postbox.counts() == (3, 3))
        mails = await eventually(lambda: _all_sent(world))

    assert {mail.tries for mail in mails} == {1}


async def _all_absent(world: World) -> bool:
    return all(mail.absences > 1 for mail in await world.mails())


async def _all_sent(world: World) -> list[Mail]:
    mails = await world.mails()
    return mails if {mail.state for mail in mails} == {"sent"} else []


async def test_a_mail_fails_by_age_while_the_server_stays_unavailable(world: World) -> None:
    await world.postbox.hang_up()
    await world.handle(placed())

    async with world.working(world.wiring(give_up_after_seconds=0.01)):
        mail = await world.becomes("failed")

    assert (mail.reason, mail.tries) == ("GIVEN_UP", 0)


async def test_a_connection_cut_after_acceptance_sends_no_second_mail(world: World) -> None:
    world.postbox.misbehave("drop_after_data", times=1)
    await world.handle(placed())

    async with world.working():
        await world.becomes("sent")

    assert await world.attempts() == [("accepted", 2)]
    assert world.postbox.counts() == (1, 1)


async def test_a_connection_cut_before_acceptance_is_retried_and_sends_one_mail(
    world: World,
) -> None:
    world.postbox.misbehave("drop_before_keeping", times=1)
    await world.handle(placed())

    async with world.working():
        await world.becomes("sent")

    assert await world.attempts() == [("in_doubt", 0), ("accepted", 2)]
    assert world.postbox.counts() == (1, 1)


@pytest.mark.parametrize("mode", ["slow", "slow_answer"])
async def test_a_slow_server_gets_no_second_mail(world: World, mode: str) -> None:
    world.postbox.misbehave(mode, seconds=1.5, times=1)
    await world.handle(placed())

    async with world.working(world.wiring(world.channel(session_seconds=0.4))):
        await world.becomes("sent")

    assert world.postbox.counts() == (1, 1)


async def test_a_server_without_receipts_gets_a_mail_in_doubt_again_under_its_message_id(
    world: World,
) -> None:
    world.postbox.misbehave("drop_after_data", times=1)
    await world.handle(placed())

    async with world.working(world.wiring(receipts_url="")):
        await world.becomes("sent")

    assert world.postbox.counts() == (2, 1)
    assert await world.attempts() == [("in_doubt", 0), ("accepted", 2)]


async def test_a_mail_in_doubt_is_not_sent_again_while_receipts_are_unavailable(
    world: World,
) -> None:
    world.postbox.misbehave("drop_after_data", times=1)
    await world.handle(placed())
    nowhere = world.postbox.receipts_url.replace(str(world.postbox.http_port), "1")

    async with world.working(world.wiring(receipts_url=nowhere)):
        await eventually(lambda: _has_asked_in_vain(world))
    mail = await world.mail()
    await world.forget_leases()
    async with world.working():
        await world.becomes("sent")

    assert mail.state == "sending"
    assert world.postbox.counts() == (1, 1)


async def _has_asked_in_vain(world: World) -> bool:
    return (await world.mail()).absences > 0


@pytest.mark.parametrize("point", ["connecting", "content", "accepted"])
@pytest.mark.parametrize("can_ask", [True, False])
async def test_a_worker_that_dies_at_any_point_leaves_one_mail(
    world: World, point: str, can_ask: bool
) -> None:
    changes: dict[str, Any] = {} if can_ask else {"receipts_url": ""}
    await world.handle(placed())
    dying = Stopping(world.channel(**changes), point)
    async with world.working(world.wiring(dying)):
        await asyncio.wait_for(dying.is_there.wait(), 5)
    left = await world.mail()

    await world.forget_leases()
    async with world.working(world.wiring(**changes)):
        await world.becomes("sent")

    assert left.state == ("queued" if point == "connecting" else "sending")
    # A duplicate needs an acceptance that is not stored and a server without receipts. It has the
    # same Message-ID.
    assert world.postbox.counts() == (2 if point == "accepted" and not can_ask else 1, 1)


async def test_a_consumer_that_dies_leaves_one_mail(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = an_order()
    is_there = asyncio.Event()
    handler = world.handlers[type(placed())]

    async def dying(tx: Any, event: Any, envelope: Any) -> None:
        await handler(tx, event, envelope)
        is_there.set()
        await asyncio.Event().wait()

    broker = await world.service.broker()
    await publish(broker, placed(order))
    with monkeypatch.context() as patched:
        patched.setitem(world.handlers, type(placed()), dying)
        async with running(world.consumer(broker)):
            await asyncio.wait_for(is_there.wait(), 5)
    assert await world.mails() == []
    await _redeliver(broker)

    async with running(world.consumer(broker), world.timers()):
        await eventually(lambda: world.postbox.counts(order.email) == (1, 1))


async def _redeliver(broker: Broker) -> None:
    """Deletes the consumer, so that NATS redelivers at once and not after 30 s."""
    with contextlib.suppress(Exception):
        await broker.jetstream.delete_consumer("EVENTS", "notifications")


async def test_two_workers_with_one_mail_send_it_once(world: World) -> None:
    await world.handle(placed())
    slow = Stopping(world.channel(), "connecting")
    async with world.working(world.wiring(slow)):
        await asyncio.wait_for(slow.is_there.wait(), 5)
        await world.forget_leases()
        async with world.working():
            await world.becomes("sent")

    assert world.postbox.counts() == (1, 1)


async def test_a_worker_that_resumes_too_late_sends_nothing(world: World) -> None:
    await world.handle(placed())
    wiring, channel = world.wiring(), world.channel()
    has_started, resume, is_done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class SuspendedChannel:
        async def submit(self, message: Any, before_content: Any) -> Any:
            has_started.set()
            await resume.wait()
            try:
                return await channel.submit(message, before_content)
            finally:
                is_done.set()

        async def find_receipt(self, message_id: str) -> ReceiptStatus:
            return await channel.find_receipt(message_id)

    async with world.working(world.wiring(SuspendedChannel())):
        await asyncio.wait_for(has_started.wait(), 5)
        await world.forget_leases()
        async with world.working(wiring):
            await world.becomes("sent")
            # A worker that stops before it deletes its timer would leave the timer leased.
            await eventually(lambda: _no_timers(world))
        resume.set()
        await asyncio.wait_for(is_done.wait(), 5)

    assert world.postbox.counts() == (1, 1)


async def test_draining_waits_for_running_deliveries(world: World) -> None:
    world.postbox.misbehave("slow", seconds=0.5)
    await world.handle(placed())
    wiring = world.wiring()
    handled = list[str]()

    async def deliver(timer: Timer) -> None:
        await wiring.worker.deliver_mail(timer)
        handled.append(timer.key)

    async with running(TimerRunner(world.database, {DELIVERY_TIMER: deliver}).run):
        await world.becomes("sending")
        await wiring.worker.drain()
        first = await world.mail()
        assert first.state == "sent"
        await world.handle(placed())
        (second,) = [mail for mail in await world.mails() if mail.id != first.id]
        await eventually(lambda: str(second.id) in handled)

    assert world.postbox.counts() == (1, 1)
    assert sorted(mail.state for mail in await world.mails()) == ["queued", "sent"]


@pytest.mark.parametrize("mode", ["slow", "slow_answer"])
async def test_a_worker_killed_during_a_submission_leaves_one_mail(world: World, mode: str) -> None:
    order = an_order()
    world.postbox.misbehave(mode, seconds=60, times=1)
    broker = await world.service.broker()
    await Consumer("notifications", world.database, broker, world.handlers).create()
    async with _worker(world):
        await publish(broker, placed(order))
        await eventually(lambda: _is_sending(world), within=_STARTED)
        # If the worker is killed before the server has the mail, the next worker meets the slow
        # server.
        await eventually(lambda: world.postbox.has_misbehaved, within=_STARTED)
        if mode == "slow_answer":
            await eventually(lambda: world.postbox.counts(order.email) == (1, 1), within=_STARTED)
    await world.forget_leases()

    async with _worker(world):
        await eventually(lambda: world.is_("sent"), within=_STARTED)

    assert world.postbox.counts(order.email) == (1, 1)


# A worker of its own process starts in seconds, on a busy machine in some ten.
_STARTED = 60


@contextlib.asynccontextmanager
async def _worker(world: World) -> Any:
    """A worker process, which is killed at the end."""
    env = {
        **os.environ,
        "DATABASE_URL": world.database.pool.conninfo,
        "NATS_URL": os.environ["TEST_NATS_URL"],
        "ADMIN_PORT": "0",
        "GRPC_PORT": "0",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(world.postbox.smtp_port),
        "SMTP_TLS": "none",
        "RECEIPTS_URL": world.postbox.receipts_url,
        "MAIL_FROM": "shop@sojourn.example",
        "PUBLIC_URL": "https://shop.example",
        "UNSUBSCRIBE_SECRET": SECRET,
        "SURVEY_SECRET": SECRET,
        "DOUBT_SECONDS": "0.2",
        "ENVIRONMENT": "development",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "notifications", "work", env=env
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def _is_sending(world: World) -> bool:
    return [mail.state for mail in await world.mails()] == ["sending"]


async def test_metrics_count_the_outcomes_of_mails(world: World, database: Database) -> None:
    def counted() -> dict[str, float]:
        return {name: sample_value("mails_total", outcome=name) for name in metrics.OUTCOMES}

    before = counted()
    world.postbox.misbehave("refuse_temporarily", times=1)
    await world.handle(placed())
    async with world.working():
        await world.becomes("sent")
        await eventually(lambda: counted()["sent"] > before["sent"])

    after = counted()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "sent": 1,
        "retried": 1,
    }
