"""Benchmark: the funnel of a million touchpoints, and touchpoints a second off the stream.

Run it from the repository: `python -m services.journey.tests.bench_journey`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from chassis.data.database import Database
from chassis.runtime.clock import uuid7
from stack.embedded.nats import Nats
from stack.embedded.postgres import Postgres
from stack.ports import free_port

if TYPE_CHECKING:
    from journey.maps.model import Stage

# Half of the visitors become customers; kinds as a shop has them; 60 days.
GENERATE = """
INSERT INTO touchpoint
SELECT gen_random_uuid(), md5('v' || v)::uuid, CASE WHEN n %% 3 = 0 THEN md5('g' || v)::uuid END,
    CASE WHEN n %% 20 = 0 AND v %% 2 = 0 THEN md5('c' || v)::uuid END, gen_random_uuid(), at, at,
    (random() * 200)::int,
    (ARRAY['page.view','page.view','category.view','category.view','search','product.view','product.view','product.view','product.view',
           'product.view','cart.view','cart.line_added','cart.line_added','checkout.started','order.placed','order.shipped','account.logged_in','feedback.given'])
        [1 + (random() * 17)::int],
    'gateway', 'default', CASE WHEN random() < 0.01 THEN 'error' ELSE 'ok' END, '', 'tea-' || (n %%
    1000), 's' || v,
    CASE WHEN n %% 9 = 0 THEN 'instagram' ELSE '' END, '', '', '', '', '', '', '{}'
FROM (SELECT n, (random() * %(visitors)s)::int AS v, timestamptz '2026-01-01' + n * interval
'5.184 s' AS at
      FROM generate_series(1, %(rows)s) AS n) AS x
"""
PEOPLE = """
INSERT INTO person SELECT md5(h || v)::uuid, md5('v' || v)::uuid, CASE WHEN v %% 2 = 0 THEN md5('c'
|| v)::uuid END, NULL
FROM generate_series(0, %(visitors)s, %(step)s) AS v, (VALUES ('v'), ('g')) AS x (h)
"""


async def funnel(database: Database, rows: int) -> None:
    from journey.maps import model as maps

    visitors = rows // 10
    async with database.tx() as tx:
        await tx.run("SET LOCAL statement_timeout = 0")
        await tx.run(GENERATE, {"rows": rows, "visitors": visitors})
    async with database.pool.connection() as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute("VACUUM ANALYZE")
    async with database.read() as read:
        built_in = await maps.get_map(read, "")
        ((size,),) = await read.fetch("SELECT pg_size_pretty(pg_total_relation_size('touchpoint'))")
    plain = [
        maps.Stage(
            str(n), {"en": ""}, maps.rules_of([{"when": [{"field": "kind", "any_of": kinds}]}], "$")
        )
        for n, kinds in enumerate(
            [
                ["page.view"],
                ["category.view", "product.view"],
                ["cart.line_added", "checkout.started"],
                ["order.placed"],
            ]
        )
    ]
    print(f"{rows:,} touchpoints of {visitors:,} visitors, {size}")
    for step, known in (
        (None, "nobody's other visits are known, as after an import"),
        (10, "a tenth is known"),
        (1, "everybody is known"),
    ):
        if step:
            async with database.tx() as tx:
                await tx.run("TRUNCATE person")
                await tx.run(PEOPLE, {"visitors": visitors, "step": step})
            async with database.pool.connection() as connection:
                await connection.execute("ANALYZE person")
        print(f" {known}:")
        for name, stages in (
            ("4 plain stages", plain),
            ("built-in map, 5 stages", built_in.stages),
        ):
            await time_funnels(database, name, stages)


async def time_funnels(database: Database, name: str, stages: Sequence[Stage]) -> None:
    from journey.funnels.model import MapQuestion
    from journey.funnels.queries import get_map_numbers
    from journey.store.postgres import PostgresStore

    store = PostgresStore(database)
    for asked, question in {
        "all": MapQuestion(),
        "window 7 days": MapQuestion(window=timedelta(days=7)),
        "by source": MapQuestion(by="utm_source"),
        "with statistics per kind": MapQuestion(with_touchpoints=True),
    }.items():
        times = []
        for _ in range(3):
            began = time.perf_counter()
            numbers = await get_map_numbers(store, stages, question)
            times.append(time.perf_counter() - began)
        people = [one.people for one in next(iter(numbers.segments.values()))]
        print(f"  {name}, {asked}: best {min(times):.2f} s, worst {max(times):.2f} s, {people}")


# A stream that takes longer has stopped.
MOST_SECONDS = 600


async def stream(database: Database, postgres: Postgres, nats_url: str, rows: int) -> None:
    from chassis.events.broker import Broker, create_streams
    from chassis.testing import eventually
    from journey.touchpoints.stream import DURABLE, SUBJECT, GatewayTouchpoints
    from services.journey.tests.journey_world import from_gateway, settings
    from sojourn.journey.v1 import events_pb2

    broker = Broker(nats_url, "bench")
    await broker.open()
    await broker.ready()
    await create_streams(broker.jetstream)
    await DURABLE.create(broker.jetstream)
    for batch in range(rows // 100):
        facts = {
            "subject": "tea",
            "utm_source": "instagram",
            "properties": {"position": "3"},
            "guest_id": str(uuid7()),
        }
        touchpoints = [
            from_gateway(visitor=f"{batch}-{n // 10}", seconds=n, **facts) for n in range(100)
        ]  # type: ignore[arg-type]
        await broker.jetstream.publish(
            SUBJECT, events_pb2.TouchpointBatch(touchpoints=touchpoints).SerializeToString()
        )

    def cpu() -> float:
        return sum(
            sum(p.cpu_times()[:2])
            for p in [*psutil.process_iter(["name"])]
            if p.info.get("name") == "postgres"
        )

    before, own, began = cpu(), time.process_time(), time.perf_counter()
    task = asyncio.create_task(GatewayTouchpoints(database, broker, settings()).run())

    async def all_stored() -> bool:
        async with database.read() as read:
            ((stored,),) = await read.fetch(
                "SELECT count(*) FROM touchpoint WHERE utm_source = 'instagram' AND properties ? "
                "'position'"
            )
        return bool(stored >= rows)

    await eventually(all_stored, within=MOST_SECONDS, every=0.2)
    wall, mine, theirs = time.perf_counter() - began, time.process_time() - own, cpu() - before
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await broker.close()
    print(
        f"stream: {rows:,} touchpoints in {wall:.1f} s, {rows / wall:,.0f} a second; CPU "
        f"{mine:.1f} s here, {theirs:.1f} s in PostgreSQL"
        f": {rows / (mine + theirs):,.0f} a second and core"
    )


async def main(options: argparse.Namespace, postgres: Postgres, nats_url: str) -> None:
    from chassis.testing import fresh_database

    async with fresh_database("journey") as database:
        await stream(database, postgres, nats_url, options.stream)
    async with fresh_database("journey") as database:
        await funnel(database, options.touchpoints)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchpoints", type=int, default=1_000_000)
    parser.add_argument("--stream", type=int, default=50_000)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="sojourn-bench-"))
    postgres, nats = (
        Postgres(home, free_port(), durable=False),
        Nats(home, free_port(), monitor_port=free_port()),
    )
    try:
        postgres.start()
        nats.start()
        os.environ["TEST_POSTGRES_DSN"] = postgres.superuser_dsn("postgres")
        asyncio.run(main(options, postgres, nats.url()))
    finally:
        nats.stop()
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)
