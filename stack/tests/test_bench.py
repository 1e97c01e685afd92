"""The benchmark's own parts: what it sends, how it counts, and what follows from it."""

from __future__ import annotations

import asyncio
from collections import Counter
from io import StringIO
from itertools import count, islice

import pytest
from rich.console import Console

from chassis.testing import let_tasks_run
from stack import __main__ as cli
from stack.bench import command, growth, running, sizing
from stack.bench.catalogue import Draw, Drawer
from stack.bench.funnel import history
from stack.bench.load import Connection, Timing, load
from stack.bench.measuring import Cell
from stack.bench.sizing import Proposal
from stack.commands.options import Exit

SIZING = {
    "load": {"visits_per_second": 10.0},
    "components": {
        "cart": {"cores": 0.10, "memory_mib": 60},
        "postgres": {"cores": 0.2, "memory_mib": 300},
    },
}


async def _answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers in pieces, as networks do, and 500 to what asks for it."""
    while line := await reader.readline():
        while await reader.readline() != b"\r\n":
            pass
        status = b"500 Oh" if b"/broken" in line else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 6\r\n\r\nabc")
        await writer.drain()
        await let_tasks_run()
        writer.write(b"def")


async def test_an_answer_that_comes_in_pieces_is_one():
    async with await asyncio.start_server(_answering, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with Connection(url) as connection:
            answers = [await connection.send("GET", "/a"), await connection.send("GET", "/broken")]

    assert [(answer.status, answer.body) for answer in answers] == [
        (200, b"abcdef"),
        (500, b"abcdef"),
    ]


async def test_a_load_counts_turns_times_and_errors():
    numbers = count()

    async def turn(connection: Connection) -> bool:
        return (
            await connection.send("GET", "/broken" if next(numbers) % 2 else "/a")
        ).status == 200

    async with await asyncio.start_server(_answering, "127.0.0.1", 0) as server:
        timing = await load(
            f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}",
            turn,
            concurrency=2,
            seconds=0.05,
        )

    assert len(timing.seconds) >= 2
    assert timing.errors in (len(timing.seconds) // 2, -(-len(timing.seconds) // 2))
    assert 0 < timing.quantile_ms(0.5) <= timing.quantile_ms(0.99)


def test_what_a_catalogue_costs_is_said_a_line_a_figure():
    spent = growth.Spent(20.0, {"catalog": 8.0, "postgres": 2.0})
    found = growth.Growth(
        products=1_000,
        importing=spent,
        index_build=growth.Spent(0.8, {"catalog": 0.7}),
        index_open=growth.Spent(0.6, {"catalog": 0.2}),
        catalog_mebibytes=140.0,
        category="tents",
        category_products=250,
        pages_of_category=3,
        seconds_of_pages=0.04,
        slowest_page_ms=21.0,
        searchable_after_seconds=0.31,
        searchable_after_at_most_seconds=0.52,
    )
    said = Console(record=True, width=160, quiet=False, file=StringIO())

    growth.print_growth(found, said)

    lines = said.export_text()
    assert "20.0 s, 50 a second, 10.0 ms of CPU a product" in lines
    assert "0.8 s, 0.7 s of CPU" in lines
    assert "0.6 s, 0.2 s of CPU, 140 MiB with the index" in lines
    assert "tents: 250 products on 3 pages" in lines
    assert "after 0.31 s, at most 0.52 s" in lines
    assert found.as_json()["importing"]["cpu_seconds"] == {"catalog": 8.0, "postgres": 2.0}


def test_a_service_with_a_large_index_has_longer_to_start():
    assert growth.start_seconds(1_000) == 90.0
    assert growth.start_seconds(1_000_000) == 5_000.0


def test_quantiles_are_of_the_nearest_rank():
    assert [
        Timing(seconds=[n / 1000 for n in range(1, 101)]).quantile_ms(share)
        for share in (0.5, 0.95, 0.99)
    ] == [51, 96, 100]


def test_products_are_drawn_evenly_or_as_shoppers_do():
    even, zipf = (
        Counter(islice(iter(Drawer(range(100), draw), None), 20_000))
        for draw in (Draw.EVEN, Draw.ZIPF)
    )

    assert max(even.values()) < 2 * min(even.values())
    assert 2 * 0.8 < zipf[0] / zipf[1] < 2 * 1.2
    assert len(zipf) == 100


def test_a_history_is_the_same_for_the_same_count():
    first, again = (list(history(100)) for _ in range(2))

    assert [row[0] for row in first] == [row[0] for row in again]
    assert len({row[0] for row in first}) <= 10
    assert [row[2] for row in first] == sorted(row[2] for row in first)


def test_requests_leave_room_and_are_round():
    assert sizing.proposals(SIZING) == {
        "cart": Proposal(1, 150, 96),
        "postgres": Proposal(1, 300, 480),
    }


def test_a_process_that_needs_more_than_a_core_gets_replicas_and_the_server_a_larger_machine():
    found = sizing.proposals(SIZING, factor=25)

    assert found["cart"] == Proposal(4, 940, 96)
    assert found["postgres"] == Proposal(1, 7500, 480)


def test_the_table_says_what_was_measured_and_what_was_calculated():
    table = sizing.as_table(SIZING, sizing.SIZES)

    assert "small (measured): 10 visits/s, 1,800 orders/h" in table
    assert "large (calculated): 250 visits/s, 45,000 orders/h" in table
    assert "| cart | 1 × 150m, 96 Mi |" in table


def test_without_a_measurement_it_says_how_to_make_one(tmp_path, capsys):
    assert cli.main(["sizing", "--propose", "--output", str(tmp_path / "none.json")]) == Exit.FAILED
    assert "`make sizing` measures" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--concurrency", "0"], ["--concurrency", "a"], ["--parts", "reads,all"], ["--rounds", "0"]],
)
def test_a_wrong_option_is_explained(arguments, capsys):
    with pytest.raises(SystemExit):
        cli.main(["bench", *arguments])

    said = capsys.readouterr().err
    assert (
        "is not a list of numbers" in said
        or "is not a number from 1" in said
        or f"the parts are {', '.join(command.PARTS)}" in said
    )


def test_of_several_rounds_the_median_counts_and_each_is_compared_with_the_floor_beside_it():
    costs = {"floor": iter([1.0, 2.0, 4.0]), "read": iter([3.0, 9.0, 4.0])}

    class Measured:
        def measure(self, name, turn, concurrency, **labels):
            return Cell(
                name, concurrency, 1.0, 1.0, 1.0, 1.0, 1, 0, next(costs[name]), 0.0, 0.0, **labels
            )

    loads = [
        running.Load("floor", None, Measured()),
        running.Load("read", None, Measured(), "floor", {"cache": "on"}),
    ]

    ((floor,), (read,)) = running.in_rounds(loads, running.Plan(rounds=3, concurrency=(8,)))

    assert (floor.cpu_ms, floor.times_floor) == (2.0, 0.0)
    # 3/1, 9/2 and 4/4: a minute in which all was slow spoils neither.
    assert (read.cpu_ms, read.times_floor, read.cache) == (4.0, 3.0, "on")
