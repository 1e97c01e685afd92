import asyncio

import pytest

from chassis.rpc.errors import Unavailable
from chassis.runtime.loops import retry_while_unavailable, run_periodically
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

    patient = asyncio.ensure_future(
        run_periodically(work, every_seconds=3600, name="work", waits_first=True)
    )
    eager = asyncio.ensure_future(run_periodically(work, every_seconds=3600, name="work"))
    await eventually(lambda: runs)
    patient.cancel()
    eager.cancel()

    assert runs == 1


async def test_work_begins_anew_while_what_it_needs_is_away_and_gives_its_result() -> None:
    answers = iter([Unavailable(), Unavailable(), "done"])

    async def work() -> str:
        answer = next(answers)
        if isinstance(answer, Unavailable):
            raise answer
        return str(answer)

    assert await retry_while_unavailable(work, name="work") == "done"


async def test_any_other_failure_of_work_that_waits_is_raised() -> None:
    async def work() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await retry_while_unavailable(work, name="work")
