"""Benchmark: questions over files alone, whose touchpoints never were in PostgreSQL.

Run it from the repository: `python -m services.journey.tests.bench_history_files`. A tenth as many
people as touchpoints, 12 months, one file for each bucket and month, as compaction leaves them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import pyarrow as pa

from services.journey.tests.bench_history import erase_one, measure, size_of
from stack.embedded.postgres import Postgres
from stack.ports import free_port

if TYPE_CHECKING:
    from journey.history.table import HistoryTable

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
    from journey.history.columns import TIME, TIMES, UUIDS

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
    from journey.history.columns import NAMES
    from journey.history.compact import sorted_rows

    begin = int(datetime(2025, 1 + month, 1, tzinfo=UTC).timestamp() * 1_000_000)
    at = draw.integers(begin, begin + MONTH, count)
    who = people[draw.integers(0, len(people), count)]
    rows = sorted_rows(pa.table({name: column(name, draw, who, at) for name in NAMES}))
    current = table.load()
    return table.commit(current, added=table.write(current, rows), removed=(), properties={})


async def main(rows: int, folder: Path) -> None:
    from chassis.testing import fresh_database
    from journey.history.model import store_snapshot
    from journey.history.move import open_history
    from journey.history.scan import JoinedStore
    from journey.history.table import HistoryTable

    draw = np.random.default_rng(1)
    people = np.frombuffer(draw.bytes(16 * (rows // 10)), np.uint8).reshape(-1, 16)
    async with fresh_database("journey") as database:
        table = HistoryTable(str(folder), str(database.pool.conninfo))
        snapshot_id = await open_history(database, table)
        began = time.perf_counter()
        for month in range(MONTHS):
            snapshot_id = write_month(table, draw, people, month, rows // MONTHS)
        async with database.tx() as tx:
            before = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=1)
            await store_snapshot(tx, snapshot_id, moved_before=before)
        size = size_of(folder, ".parquet") / rows
        print(f"{rows:,} written in {time.perf_counter() - began:.1f} s, {size:.0f} bytes each")
        lately = datetime(2025, MONTHS, 1, tzinfo=UTC)
        await measure("files", JoinedStore(database, table), rows, lately)
        await erase_one(database, table, lately, UUID(bytes=people[7].tobytes()))
        table.close()
    print(f"  memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchpoints", type=int, default=10_000_000)
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
