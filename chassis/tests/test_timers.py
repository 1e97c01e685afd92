from datetime import timedelta

from chassis.data import timers
from chassis.data.database import Database
from chassis.testing import eventually, running


async def set_timer(
    database: Database, key: str, *, in_seconds: float, lease_seconds: float = 0
) -> None:
    async with database.tx() as tx:
        await timers.schedule(
            tx,
            "remind",
            key,
            tx.now + timedelta(seconds=in_seconds),
            {"n": 1},
            lease_seconds=lease_seconds,
        )


async def test_a_timer_fires_once_when_business_time_has_come(database: Database) -> None:
    fired = list[str]()

    async def remind(timer: timers.Timer) -> None:
        fired.append(timer.key)

    await set_timer(database, "now", in_seconds=0)
    await set_timer(database, "tomorrow", in_seconds=86_400)
    async with running(
        timers.TimerRunner(database, {"remind": remind}).run,
        timers.TimerRunner(database, {"remind": remind}).run,
    ):
        await eventually(lambda: fired == ["now"])
        database.clock.shift_to(86_401)
        await eventually(lambda: fired == ["now", "tomorrow"])

        # A timer is deleted after its handler has ended.
        async def all_gone() -> bool:
            async with database.read() as read:
                return await read.fetch("SELECT 1 FROM timer") == []

        await eventually(all_gone)


async def test_a_failing_timer_is_tried_again(database: Database) -> None:
    attempts = list[int]()

    async def remind(timer: timers.Timer) -> None:
        attempts.append(timer.attempts)
        if len(attempts) < 2:
            raise ValueError

    await set_timer(database, "a", in_seconds=0)
    async with running(timers.TimerRunner(database, {"remind": remind}).run):
        await eventually(lambda: attempts == [1, 2])


async def test_a_timer_set_anew_while_it_runs_survives(database: Database) -> None:
    fired = list[str]()

    async def remind(timer: timers.Timer) -> None:
        fired.append(timer.key)
        if len(fired) == 1:
            await set_timer(database, "a", in_seconds=0)

    await set_timer(database, "a", in_seconds=0)
    async with running(timers.TimerRunner(database, {"remind": remind}).run):
        await eventually(lambda: fired == ["a", "a"])


async def test_a_handler_sees_that_its_timer_was_set_anew(database: Database) -> None:
    held = list[bool]()

    async def remind(timer: timers.Timer) -> None:
        if len(held) < 2:
            async with database.tx() as tx:
                held.append(await timer.is_held(tx))
            await set_timer(database, "a", in_seconds=0)
            async with database.tx() as tx:
                held.append(await timer.is_held(tx))

    await set_timer(database, "a", in_seconds=0)
    async with running(timers.TimerRunner(database, {"remind": remind}).run):
        await eventually(lambda: held == [True, False])


async def test_a_leased_timer_waits_for_its_owner(database: Database) -> None:
    fired = list[str]()

    async def remind(timer: timers.Timer) -> None:
        fired.append(timer.key)

    await set_timer(database, "leased", in_seconds=-10, lease_seconds=60)
    await set_timer(database, "free", in_seconds=0)
    async with running(timers.TimerRunner(database, {"remind": remind}).run):
        await eventually(lambda: fired == ["free"])
    async with database.tx() as tx:
        await timers.cancel(tx, "remind", "leased")

    assert fired == ["free"]
