"""Benchmark: questions over files alone, whose touchpoints never were in PostgreSQL.

Run it from the repository: `make bench ARGS='--parts journey --touchpoints N'`, or this module
alone: `python -m services.journey.tests.bench_history_files`. A twentieth as many people as
touchpoints, 12 months, one file for each bucket, as compaction leaves a year that is over.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import pyarrow as pa

from services.journey.tests.bench_history import STEPS, erase_one, size_of
from stack.embedded.postgres import Postgres
from stack.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey.history.files.table import HistoryTable
    from journey.history.scan import JoinedStore
    from journey.questions.fold import Question
    from journey.store.store import TouchpointStore

KINDS = "page.view page.view category.view category.view search product.view product.view "
KINDS += "product.view product.view product.view cart.view cart.add cart.add checkout.start "
KINDS += "order.placed order.shipped account.login"
VALUES = {
    "kind": KINDS.split(),
    "source": ["gateway"],
    "channel": ["default"],
    "outcome": ["ok"] * 99 + ["error"],
    "subject": [f"tea-{number}" for number in range(1000)],
    "utm_source": [""] * 8 + ["instagram"],
}
MONTHS = 12
MONTH = 28 * 86_400 * 1_000_000


def ids(raw: bytes) -> pa.Array:
    buffers = [None, pa.py_buffer(raw)]
    storage = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(raw) // 16, buffers)
    return pa.ExtensionArray.from_storage(pa.uuid(), storage)


def column(name: str, draw: np.random.Generator, who: Any, at: Any) -> pa.Array:
    from journey.history.files.columns import TIME, TIMES, UUIDS

    count = len(at)
    match name:
        case "bucket":
            return pa.array(who[:, 15] & 15, pa.int32())
        case "person_id" | "visitor_id":
            return ids(who.tobytes())
        case "id" | "trace_id":
            return ids(draw.bytes(16 * count))
        case "duration_ms":
            return pa.array(draw.integers(0, 200, count), pa.int32())
        case "sequence":
            return pa.array(np.zeros(count, dtype=np.int32))
        case "amount_minor":
            return pa.nulls(count, pa.int64())
        case "properties":
            nothing = pa.array([], pa.string())
            return pa.MapArray.from_arrays(np.zeros(count + 1, dtype=np.int32), nothing, nothing)
        case "session_id":
            return pa.array([f"s{number}" for number in who[:, :4].view(np.uint32).ravel()])
    if name in UUIDS:
        return pa.ExtensionArray.from_storage(pa.uuid(), pa.nulls(count, pa.binary(16)))
    if name in TIMES:
        return pa.array(at).cast(TIME)
    values = pa.array(VALUES.get(name, [""]))
    return values.take(pa.array(draw.integers(0, len(values), count)))


def write_month(
    table: HistoryTable, draw: np.random.Generator, people: Any, month: int, count: int
) -> int:
    from journey.history.files.columns import NAMES
    from journey.history.files.order import sorted_rows

    begin = int(datetime(2025, 1 + month, 1, tzinfo=UTC).timestamp() * 1_000_000)
    at = draw.integers(begin, begin + MONTH, count)
    who = people[draw.integers(0, len(people), count)]
    rows = sorted_rows(pa.table({name: column(name, draw, who, at) for name in NAMES}))
    current = table.load()
    return table.commit(current, added=table.write(current, rows), removed=(), properties={})


@dataclass(frozen=True)
class Timed:
    """Seconds of a question: of the clock, and of this process's cores."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s, {self.cpu:.2f} s of a core"


async def ask_questions(store: TouchpointStore, rows: int) -> dict[str, Any]:
    """Asks for a trend and a funnel, exactly and in time; prints and returns the figures."""
    from journey.errors import QuestionTooLarge
    from journey.estimates.sample import SamplingStore
    from journey.estimates.scale import margin_of
    from journey.maps.rules import Condition, Rule
    from journey.questions.calendar import Interval
    from journey.questions.filters import Filter
    from journey.questions.fold import ask as answer_of
    from journey.questions.funnels import Funnel, FunnelOptions
    from journey.questions.trends import Trend

    steps = tuple((Rule((Condition("kind", kinds),)),) for kinds in STEPS)
    questions: dict[str, Callable[[], Question[Any]]] = {
        "trend": lambda: Trend(Interval.DAY, "UTC"),
        "funnel": lambda: Funnel(FunnelOptions(steps=steps)),
    }
    figures: dict[str, Any] = {}
    for name, question in questions.items():
        runs = []
        for _ in range(3):
            began, used = time.perf_counter(), time.process_time()
            try:
                answer = await answer_of(store, Filter(), question())
            except QuestionTooLarge as error:
                answer = str(error)
            runs.append(Timed(time.perf_counter() - began, time.process_time() - used))
        best = min(runs, key=lambda run: run.wall)
        figures[name] = {"seconds": round(best.wall, 3), "cpu_seconds": round(best.cpu, 3)}
        print(f"  exact {name}: {best}{f': {answer}' if isinstance(answer, str) else ''}")
        if name == "funnel" and not isinstance(answer, str):
            figures["reached"] = answer[""].reached
    for seconds in (0.1, 0.5, 1.0, 2.0):
        began = time.perf_counter()
        sampling = SamplingStore(store, seconds)
        try:
            found = (await answer_of(sampling, Filter(), questions["funnel"]()))[""].reached[-1]
        except QuestionTooLarge as error:
            print(f"  funnel within {seconds} s: {error}")
            continue
        took, share = time.perf_counter() - began, sampling.read_share
        margin = margin_of(found, share) if share < 1 else 0.0
        figures[f"within {seconds}"] = {
            "seconds": round(took, 3), "share": share, "estimate": round(found / share),
            "margin": round(margin),
        }  # fmt: skip
        print(
            f"  funnel within {seconds} s: {took:.2f} s, from {share:.1%} of people, last step"
            f" {found / share:,.0f} ± {margin:,.0f}"
        )
    return figures


async def read_one(store: JoinedStore, people: Any) -> dict[str, Any]:
    """Reads the journeys of some people one after the other, and a month of each."""
    from journey.people.model import Person

    took = []
    for raw in people[:: max(len(people) // 20, 1)][:20]:
        person = UUID(bytes=raw.tobytes())
        began = time.perf_counter()
        await store.list_of_person(Person(person, False, (person,)))
        took.append(time.perf_counter() - began)
    took = sorted(took[1:])
    figures = {"median": round(took[len(took) // 2], 4), "most": round(took[-1], 4)}
    print(
        f"  one person's {MONTHS} months: {figures['median'] * 1000:.1f} ms, at most"
        f" {figures['most'] * 1000:.1f}"
    )
    return figures


def people_of(draw: np.random.Generator, rows: int) -> Any:
    return np.frombuffer(draw.bytes(16 * (rows // 20)), np.uint8).reshape(-1, 16)


async def ask(url: str, rows: int, folder: Path, output: Path | None, size: float) -> None:
    """Asks in this process, which has made no touchpoints: its memory is that of the questions."""
    from chassis.data.database import Database
    from chassis.runtime.clock import Clock
    from journey.history.files.table import HistoryTable
    from journey.history.scan import JoinedStore

    database = Database(url, source="bench", clock=Clock())
    await database.open()
    table = HistoryTable(str(folder), url)
    people = people_of(np.random.default_rng(1), rows)
    store, load = JoinedStore(database, table), os.getloadavg()[0]
    figures = await ask_questions(store, rows)
    figures["person"] = await read_one(store, people)
    figures["peak_mb"] = peak_mb()
    lately = datetime(2025, MONTHS, 1, tzinfo=UTC)
    await erase_one(database, table, lately, UUID(bytes=people[7].tobytes()))
    table.close()
    await database.close()
    print(f"  memory at most {figures['peak_mb']} MB while it was asked")
    if output is not None:
        figures |= {"touchpoints": rows, "bytes": round(size, 1), "load": round(load, 1)}
        output.write_text(json.dumps(figures), encoding="utf-8")


async def main(options: argparse.Namespace, folder: Path) -> None:
    from chassis.testing import fresh_database
    from journey.history.compact import compact
    from journey.history.files.table import HistoryTable
    from journey.history.model import store_snapshot
    from journey.history.move import open_history

    rows = options.touchpoints
    draw = np.random.default_rng(1)
    people = people_of(draw, rows)
    async with fresh_database("journey") as database:
        url = str(database.pool.conninfo)
        table = HistoryTable(str(folder), url)
        snapshot_id = await open_history(database, table)
        began = time.perf_counter()
        for month in range(MONTHS):
            snapshot_id = write_month(table, draw, people, month, rows // MONTHS)
        written = time.perf_counter()
        async with database.tx() as tx:
            await store_snapshot(tx, snapshot_id, moved_before=datetime(2026, 1, 1, tzinfo=UTC))
        merged = await compact(database, table)
        await asyncio.to_thread(table.expire, keeps=timedelta())
        print(f"{merged} files merged in {time.perf_counter() - written:.1f} s", flush=True)
        table.close()
        size = size_of(folder, ".parquet") / rows
        took, load = written - began, os.getloadavg()[0]
        print(
            f"{rows:,} touchpoints of {len(people):,} people, {size:.0f} bytes each in files,"
            f" written in {took:.1f} s; {os.cpu_count()} cores, load {load:.1f}",
            flush=True,
        )
        output = ["--output", str(options.output)] if options.output else []
        asking = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.journey.tests.bench_history_files",
            "--touchpoints", str(rows), "--ask", url, "--folder", str(folder),
            "--bytes", str(size), *output,
        )  # fmt: skip
        if await asking.wait():
            sys.exit("the questions failed; their error is above")


def peak_mb() -> int:
    """Returns the peak of this process's memory."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchpoints", type=int, default=10_000_000)
    parser.add_argument("--output", type=Path, help="the figures as JSON")
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--bytes", type=float, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        from journey.memory import keep_freed_memory

        # As the service does when it starts.
        keep_freed_memory()
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
        asyncio.run(
            ask(options.ask, options.touchpoints, options.folder, options.output, options.bytes)
        )
        sys.exit()
    home = Path(tempfile.mkdtemp(prefix="sojourn-bench-"))
    postgres = Postgres(home / "postgres", free_port(), durable=False)
    try:
        (home / "postgres").mkdir()
        postgres.start()
        os.environ["TEST_POSTGRES_DSN"] = postgres.superuser_dsn("postgres")
        asyncio.run(main(options, home / "history"))
    finally:
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)
