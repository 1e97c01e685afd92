"""Questions of one turn are loaded together, and a failure concerns its own question only."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc import dataloader as loading
from chassis.rpc.dataloader import Loader
from chassis.rpc.errors import Unavailable
from chassis.testing import eventually


class Loads:
    """Doubles even numbers, and remembers what it was asked."""

    def __init__(self, database: Database) -> None:
        self.asked: list[list[int]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.loader: Loader[int, int] = Loader(database, self._load)

    async def _load(self, read: Read, keys: Sequence[int]) -> dict[int, int]:
        self.asked.append(sorted(keys))
        await self.may_answer.wait()
        if 13 in keys:
            raise Unavailable("away")
        rows = await read.fetch(
            "SELECT k, k * 2 FROM unnest(%s::int[]) k WHERE k %% 2 = 0", [list(keys)]
        )
        return dict(rows)


async def test_a_turn_is_one_load(database: Database) -> None:
    loads = Loads(database)

    found = await asyncio.gather(
        loads.loader.load([2, 4, 4]), loads.loader.load([4, 5]), loads.loader.load([])
    )
    later = await loads.loader.load([6])

    assert found == [{2: 4, 4: 8}, {4: 8}, {}]
    assert later == {6: 12}
    assert loads.asked == [[2, 4, 5], [6]]


async def test_what_is_asked_while_one_loads_is_loaded_after_it_was_asked(
    database: Database,
) -> None:
    loads = Loads(database)
    loads.may_answer.clear()
    first = asyncio.create_task(loads.loader.load([2]))
    await eventually(lambda: loads.asked == [[2]])
    second = asyncio.create_task(loads.loader.load([2]))
    await eventually(lambda: loads.asked == [[2], [2]])

    loads.may_answer.set()

    assert await asyncio.gather(first, second) == [{2: 4}, {2: 4}]


@pytest.mark.parametrize("who", ["who loads for all", "who waits"])
async def test_who_leaves_takes_nothing_from_the_others(database: Database, who: str) -> None:
    loads = Loads(database)
    loads.may_answer.clear()
    first, second = (
        asyncio.create_task(loads.loader.load([2])),
        asyncio.create_task(loads.loader.load([4])),
    )
    await eventually(lambda: loads.asked == [[2, 4]])
    leaving, staying = (first, second) if who == "who loads for all" else (second, first)

    leaving.cancel()
    loads.may_answer.set()

    assert await staying == ({4: 8} if staying is second else {2: 4})
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_an_error_is_everybody_s_and_the_next_turn_s_nobody_s(database: Database) -> None:
    loads = Loads(database)

    failed = await asyncio.gather(
        loads.loader.load([13]), loads.loader.load([2]), return_exceptions=True
    )

    assert [type(error) for error in failed] == [Unavailable, Unavailable]
    assert await loads.loader.load([2]) == {2: 4}


async def test_many_keys_are_parted(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MOST_KEYS", 3)
    loads = Loads(database)

    found = await asyncio.gather(*(loads.loader.load([2 * n, 2 * n + 2]) for n in range(4)))

    assert found == [{2 * n: 4 * n, 2 * n + 2: 4 * n + 4} for n in range(4)]
    assert loads.asked == [[0, 2], [2, 4], [4, 6], [6, 8]]
