"""Benchmark: moving touchpoints into files, and questions over files and PostgreSQL.

Run it from the repository: `python -m services.journey.tests.bench_history --touchpoints 10000000`.
Half of the people are customers and 90 of 100 touchpoints are moved.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import shutil
import tempfile
import time
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from chassis.data.database import Database
from services.journey.tests.bench_journey import GENERATE, PEOPLE
from stack.embedded.postgres import Postgres
from stack.ports import free_port

if TYPE_CHECKING:
    from journey.history.files.table import HistoryTable
    from journey.store.store import TouchpointStore, Wanted

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = (
    ("page.view",),
    ("category.view", "product.view"),
    ("cart.add", "checkout.start"),
    ("order.placed",),
)


async def fill(database: Database, rows: int) -> int:
    """Stores touchpoints of a tenth as many visitors; returns the bytes that they take."""
    visitors = rows // 10
    async with database.tx() as tx:
        await tx.run("SET LOCAL statement_timeout = 0")
        await tx.run(GENERATE, {"rows": rows, "visitors": visitors})
        await tx.run(PEOPLE, {"visitors": visitors, "step": 1})
    async with database.pool.connection() as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute("VACUUM ANALYZE")
    async with database.read() as read:
        ((size,),) = await read.fetch("SELECT pg_total_relation_size('touchpoint')")
    return int(size)


async def timed(store: TouchpointStore, wanted: Wanted) -> tuple[float, float, int]:
    """Returns seconds to the first batch and to the last, and how many touchpoints came."""
    began, first, rows = time.perf_counter(), 0.0, 0
    async with aclosing(store.scan(wanted)) as batches:
        async for batch in batches:
            first = first or time.perf_counter() - began
            rows += len(batch)
    return first, time.perf_counter() - began, rows


async def measure(name: str, store: TouchpointStore, rows: int, lately: datetime) -> None:
    from journey.errors import QuestionTooLarge
    from journey.maps.rules import Condition, Rule
    from journey.questions.filters import Filter
    from journey.questions.fold import Question, ask
    from journey.questions.funnels import Funnel, FunnelOptions
    from journey.store.store import Wanted

    asked = {
        "kind": Wanted(frozenset({"kind"})),
        "kind, channel, outcome, utm_source": Wanted(
            frozenset({"kind", "channel", "outcome", "utm_source"})
        ),
        "kind, the newest part": Wanted(frozenset({"kind"}), since=lately),
    }
    for columns, wanted in asked.items():
        runs = [await timed(store, wanted) for _ in range(1 if rows > 2_000_000 else 2)]
        first, last, count = min(runs, key=lambda run: run[1])
        print(f"  {name}, {columns}: first {first:.2f} s, all {last:.2f} s, {count:,} touchpoints")
    steps = tuple((Rule((Condition("kind", kinds),)),) for kinds in STEPS)
    began = time.perf_counter()
    question: Question[object] = Funnel(FunnelOptions(steps=steps))
    try:
        await ask(store, Filter(), question)
    except QuestionTooLarge as error:
        print(f"  {name}, funnel of 4 steps: {error}")
        return
    print(f"  {name}, funnel of 4 steps: {time.perf_counter() - began:.2f} s")


def size_of(folder: Path, ending: str = "") -> int:
    return sum(file.stat().st_size for file in folder.rglob(f"*{ending}") if file.is_file())


async def main(rows: int, folder: Path) -> None:
    from chassis.testing import fresh_database
    from journey.history.files.table import HistoryTable
    from journey.history.scan import JoinedStore
    from journey.history.worker import run_round
    from journey.store.postgres import PostgresStore

    seam = FIRST + timedelta(seconds=5.184 * rows * 0.9)
    async with fresh_database("journey") as database:
        size = await fill(database, rows)
        print(f"{rows:,} touchpoints of {rows // 10:,} visitors, {size / rows:.0f} bytes each")
        if rows <= 2_000_000:
            await measure("PostgreSQL", PostgresStore(database), rows, seam)
        table: HistoryTable = HistoryTable(str(folder), str(database.pool.conninfo))
        began = time.perf_counter()
        done = await run_round(database, table, before=seam, keeps=timedelta(0))
        took = time.perf_counter() - began
        assert done is not None
        kept = size_of(folder, ".parquet")
        print(
            f"  moved {done.moved:,} in {took:.1f} s, {done.moved / took:,.0f} a second;"
            f" {kept / done.moved:.0f} bytes each in files"
        )
        await measure("files and PostgreSQL", JoinedStore(database, table), rows, seam)
        async with database.read() as read:
            ((person,),) = await read.fetch("SELECT md5('v7')::uuid")
        await erase_one(database, table, seam, person)
        table.close()
    print(f"  memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


async def erase_one(database: Database, table: HistoryTable, seam: datetime, visitor: UUID) -> None:
    """Prints how long a round with nothing to move and one erasure takes."""
    from journey.history.model import ErasedBy, Erasure, queue_erasures
    from journey.history.worker import run_round

    async with database.tx() as tx:
        await queue_erasures(tx, [Erasure(ErasedBy.VISITOR, visitor)])
    began = time.perf_counter()
    done = await run_round(database, table, before=seam, keeps=timedelta(0))
    assert done is not None
    print(
        f"  one person erased, {done.erased} touchpoints: {time.perf_counter() - began:.1f} s,"
        f" {done.deleted_files} files deleted"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchpoints", type=int, default=1_000_000)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="sojourn-bench-"))
    postgres = Postgres(home / "postgres", free_port(), durable=False)
    try:
        (home / "postgres").mkdir()
        postgres.start()
        os.environ["TEST_POSTGRES_DSN"] = postgres.superuser_dsn("postgres")
        asyncio.run(main(options.touchpoints, home / "history"))
    finally:
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)
