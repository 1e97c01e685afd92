import asyncio

from chassis.runtime.loops import run_periodically
from chassis.testing import eventually


async def test_a_failure_is_passed_over_and_the_work_goes_on() -> None:
    runs = 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ZeroDivisionError

    task = asyncio.ensure_future(run_periodically(work, every_seconds=0.001, name="work"))
    await eventually(lambda: runs > 2)
    task.cancel()

    await eventually(task.done)
    assert task.cancelled()


async def test_work_that_waits_first_has_not_run_at_once() -> None:
    runs = 0

    async def work() -> None:
        nonlocal runs
        runs += 1

    patient = asyncio.ensure_future(run_periodically(work, every_seconds=3600, name="work", waits_first=True))
    eager = asyncio.ensure_future(run_periodically(work, every_seconds=3600, name="work"))
    await eventually(lambda: runs)
    patient.cancel()
    eager.cancel()

    assert runs == 1
