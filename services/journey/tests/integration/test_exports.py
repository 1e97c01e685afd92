"""Exports as jobs, on a real database."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from chassis.rpc.errors import DomainError
from chassis.testing import eventually, superuser_url
from journey.exports.actions import delete_old_exports
from journey.exports.command import export, export_parser
from journey.exports.jobs import PART_BYTES, run_exports
from journey.store.postgres import PostgresStore
from journey.store.store import Wanted
from services.journey.tests.journey_world import World, a_touchpoint, an_id, settings
from sojourn.journey.v1 import exports_pb2 as pb
from sojourn.journey.v1 import journey_pb2
from sojourn.journey.v1 import questions_pb2 as questions

HEAD = ("person_id", "kind", "channel")


@contextlib.asynccontextmanager
async def a_worker(
    world: World, store: Any = None, *, part_bytes: int = PART_BYTES
) -> AsyncIterator[None]:
    chosen = store or PostgresStore(world.database)
    task = asyncio.create_task(run_exports(world.database, chosen, part_bytes=part_bytes))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def exporter(world: World, *scopes: str) -> str:
    return world.tokens.staff("journeys.export", *scopes)


async def create(world: World, token: str = "", **given: Any) -> Any:
    request = pb.CreateExportRequest(**{"columns": HEAD, **given})
    return await world.ask(world.exports.CreateExport, request, token or exporter(world))


async def get(world: World, id: str) -> Any:
    return await world.ask(world.exports.GetExport, pb.GetExportRequest(id=id), exporter(world))


async def ended(world: World, id: str) -> Any:
    async def look() -> Any:
        job = await get(world, id)
        return job if job.state >= pb.EXPORT_STATE_DONE else None

    return await eventually(look, within=20)


async def fetch(world: World, job: Any) -> bytes:
    parts = []
    for number in range(1, job.parts + 1):
        request = pb.GetExportPartRequest(id=job.id, number=number)
        found = await world.ask(world.exports.GetExportPart, request, exporter(world))
        parts.append(found.content)
    return b"".join(parts)


async def story(world: World) -> None:
    await world.record_touchpoints(
        a_touchpoint("page.view", visitor="Ana", seconds=0, channel="app"),
        a_touchpoint("search", visitor="Ana", seconds=9, channel="app"),
        a_touchpoint("page.view", visitor="Ben", seconds=5),
        a_touchpoint("page.view", visitor="Bot", seconds=5, device="bot"),
    )


async def test_a_file_is_written_in_parts_and_has_audit_rows(world: World) -> None:
    await story(world)
    staff = exporter(world)
    async with a_worker(world, part_bytes=40):
        begun = await create(world, staff, filter=questions.TouchpointFilter(channels=["app"]))
        job = await ended(world, begun.id)
    content = await fetch(world, job)

    assert (job.state, job.touchpoints, job.bytes) == (pb.EXPORT_STATE_DONE, 2, len(content))
    assert job.parts == -(-len(content) // 40)
    ana = str(an_id("Ana"))
    assert list(csv.reader(io.StringIO(content.decode()))) == [
        list(HEAD),
        [ana, "page.view", "app"],
        [ana, "search", "app"],
    ]
    async with world.database.read() as read:
        audits = await read.fetch("SELECT action, actor_id, after FROM audit ORDER BY id")
    assert [action for action, _, _ in audits] == ["create_export", "finish_export"]
    assert len({actor for _, actor, _ in audits}) == 1
    assert audits[1][2] == {
        "filter": {"channels": ["app"]},
        "columns": list(HEAD),
        "format": "csv",
        "touchpoints": 2,
    }


async def test_a_parquet_file_can_be_read(world: World) -> None:
    await story(world)
    async with a_worker(world):
        begun = await create(world, format=pb.EXPORT_FORMAT_PARQUET)
        job = await ended(world, begun.id)

    table = parquet.read_table(pa.BufferReader(await fetch(world, job)))
    assert table["kind"].to_pylist().count("page.view") == 2


async def test_what_people_typed_needs_the_scope_to_read_customers(world: World) -> None:
    with pytest.raises(DomainError) as refusal:
        await create(world, columns=["kind", "property:term"])
    allowed = await create(
        world, exporter(world, "customers.read"), columns=["kind", "property:term"]
    )

    assert refusal.value.reason == "SCOPE_REQUIRED"
    async with a_worker(world):
        await ended(world, allowed.id)
    request = pb.GetExportPartRequest(id=allowed.id, number=1)
    with pytest.raises(DomainError) as denied:
        await world.ask(world.exports.GetExportPart, request, exporter(world))
    assert denied.value.reason == "SCOPE_REQUIRED"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"columns": ["kind", "email"]}, "columns[1]"),
        ({"filter": questions.TouchpointFilter(segment="nobody")}, "filter.segment"),
        (
            {"filter": questions.TouchpointFilter(conditions=[journey_pb2.Condition(field="x")])},
            "filter.conditions[0].when[0].field",
        ),
    ],
)
async def test_an_export_without_sense_is_refused_at_once(
    world: World, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        await create(world, **given)

    assert (refusal.value.reason, refusal.value.metadata["field"]) == ("INVALID_QUESTION", field)


async def test_who_withdraws_their_consent_leaves_no_file_behind(world: World) -> None:
    await story(world)
    async with a_worker(world):
        app = await create(world, filter=questions.TouchpointFilter(channels=["app"]))
        rest = await create(world, filter=questions.TouchpointFilter(channels=["default"]))
        await ended(world, app.id)
        await ended(world, rest.id)

    await withdraw(world, "Ana")

    assert (await get(world, app.id)).state == pb.EXPORT_STATE_EXPIRED
    assert (await get(world, rest.id)).state == pb.EXPORT_STATE_DONE
    async with world.database.read() as read:
        left = await read.fetch("SELECT DISTINCT export_id FROM export_part")
    assert [str(id) for (id,) in left] == [rest.id]
    request = pb.GetExportPartRequest(id=app.id, number=1)
    with pytest.raises(DomainError) as refusal:
        await world.ask(world.exports.GetExportPart, request, exporter(world))
    assert (refusal.value.reason, refusal.value.metadata["state"]) == (
        "EXPORT_NOT_READY",
        "expired",
    )


async def withdraw(world: World, visitor: str) -> None:
    request = journey_pb2.WithdrawConsentRequest(visitor_id=str(an_id(visitor)))
    await world.ask(world.touchpoints.WithdrawConsent, request)


class StoreOfBefore:
    """A store whose first scan holds what was there before somebody withdrew their consent."""

    def __init__(self, world: World) -> None:
        self._store, self.was_read, self.goes_on = (
            PostgresStore(world.database),
            asyncio.Event(),
            asyncio.Event(),
        )

    async def scan(self, wanted: Wanted) -> AsyncIterator[Any]:
        found = [batch async for batch in self._store.scan(wanted)]
        self.was_read.set()
        await self.goes_on.wait()
        for batch in found:
            yield batch


async def test_who_withdraws_while_an_export_runs_is_not_in_it(world: World) -> None:
    await story(world)
    store = StoreOfBefore(world)
    async with a_worker(world, store):
        begun = await create(world)
        await asyncio.wait_for(store.was_read.wait(), 20)
        await withdraw(world, "Ana")
        store.goes_on.set()
        job = await ended(world, begun.id)

    content = await fetch(world, job)
    assert (job.state, job.touchpoints) == (pb.EXPORT_STATE_DONE, 1)
    assert str(an_id("Ana")).encode() not in content
    async with world.database.read() as read:
        assert await read.fetch("SELECT count(*) FROM export_withdrawal") == [(0,)]


async def test_a_file_is_deleted_by_staff_and_after_a_day(world: World) -> None:
    await story(world)
    async with a_worker(world):
        one, other = await create(world), await create(world)
        await ended(world, one.id)
        await ended(world, other.id)

    delete = pb.DeleteExportRequest(id=one.id)
    deleted = await world.ask(world.exports.DeleteExport, delete, exporter(world))
    again = await world.ask(world.exports.DeleteExport, delete, exporter(world))
    async with world.database.tx() as tx:
        await delete_old_exports(tx, tx.now - timedelta(days=1))
    kept = await get(world, other.id)
    async with world.database.tx() as tx:
        await delete_old_exports(tx, tx.now + timedelta(seconds=1))
    listed = await world.ask(world.exports.ListExports, pb.ListExportsRequest(), exporter(world))

    assert deleted.state == again.state == pb.EXPORT_STATE_EXPIRED
    assert kept.state == pb.EXPORT_STATE_DONE
    assert [(job.id, job.state) for job in listed.exports] == [
        (other.id, pb.EXPORT_STATE_EXPIRED),
        (one.id, pb.EXPORT_STATE_EXPIRED),
    ]


async def run_command(world: World, *arguments: str) -> int:
    url = superuser_url(world.database.pool.conninfo.rsplit("/", 1)[1])
    given: argparse.Namespace = export_parser().parse_args(list(arguments))
    return await export(settings(database_url=url), given)


async def test_the_command_writes_a_file_with_an_audit_row(world: World, tmp_path: Path) -> None:
    await story(world)
    path = tmp_path / "touchpoints.csv"

    code = await run_command(
        world, "--filter", '{"channels": ["app"]}', "--columns", "kind,channel", str(path)
    )

    assert code == 0
    assert path.read_text().split() == ['"kind","channel"', '"page.view","app"', '"search","app"']
    async with world.database.read() as read:
        ((action, after),) = await read.fetch("SELECT action, after FROM audit")
    assert (action, after["touchpoints"], after["columns"]) == (
        "export_by_command",
        2,
        ["kind", "channel"],
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--columns", "email"), "no such column"),
        (("--filter", "{"), "Expecting property name"),
        (("--filter", '{"segment": "nobody"}'), "no segment nobody"),
    ],
)
async def test_the_command_tells_what_makes_no_sense(
    world: World, capsys: Any, arguments: tuple[str, ...], said: str
) -> None:
    assert await run_command(world, *arguments, "-") == 2
    assert said in capsys.readouterr().err
