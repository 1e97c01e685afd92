from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from journey.imports.jobs import delete_abandoned_parts, run_imports
from services.journey.tests.journey_world import World
from sojourn.journey.v1 import imports_pb2 as pb

FILE = b"user,at,event\n" + b"".join(
    b"u%d,2026-05-01T10:00:%02dZ,product.view\n" % (n % 5, n) for n in range(40)
)
COLUMNS = {"person": "user", "time": "at", "kind": "event"}


@contextlib.asynccontextmanager
async def a_worker(world: World) -> AsyncIterator[None]:
    task = asyncio.create_task(run_imports(world.database, world.settings))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def create_import(world: World, *parts: bytes, **options: Any) -> pb.Import:
    given = pb.ImportOptions(**{"columns": COLUMNS, **options})
    ask, imports = world.ask, world.imports
    job = await ask(imports.CreateImport, pb.CreateImportRequest(options=given), world.staff)
    for number, content in enumerate(parts, 1):
        part = pb.AddImportPartRequest(id=job.id, number=number, content=content)
        await ask(imports.AddImportPart, part, world.staff)
    await ask(imports.StartImport, pb.StartImportRequest(id=job.id), world.staff)
    return job


async def ended(world: World, id: str) -> pb.Import:
    async def look() -> pb.Import | None:
        job: pb.Import = await world.ask(
            world.imports.GetImport, pb.GetImportRequest(id=id), world.staff
        )
        return job if job.state >= pb.IMPORT_STATE_DONE else None

    found = await eventually(look, within=20)
    assert found is not None
    return found


async def test_a_file_in_parts_is_imported_and_reported_and_undone(world: World) -> None:
    zipped = gzip.compress(FILE + b"ana,never,view\n")
    async with a_worker(world):
        begun = await create_import(world, zipped[:50], zipped[50:])
        job = await ended(world, begun.id)

    assert (job.state, job.bytes_received) == (pb.IMPORT_STATE_DONE, len(zipped))
    assert (job.lines_read, job.lines_stored, job.lines_refused) == (41, 40, 1)
    (refused,) = job.refusals
    assert (refused.line, refused.column, refused.value) == (42, "at", "never")
    assert "CSV, parted by comma" in job.notes[0]
    assert len(await world.rows()) == 40

    undo = pb.UndoImportRequest(id=job.id)
    undone = await world.ask(world.imports.UndoImport, undo, world.staff)
    again = await world.ask(world.imports.UndoImport, undo, world.staff)

    assert undone.state == again.state == pb.IMPORT_STATE_UNDONE
    assert await world.rows() == []
    async with world.database.read() as read:
        assert await read.fetch("SELECT count(*) FROM import_part") == [(0,)]
        audits = await read.fetch("SELECT action FROM audit ORDER BY at")
    assert [action for (action,) in audits] == ["create_import", "undo_import", "undo_import"]


async def test_a_file_that_cannot_be_read_fails_with_its_reason(world: World) -> None:
    async with a_worker(world):
        begun = await create_import(world, FILE, columns={**COLUMNS, "kind": "evnt"})
        job = await ended(world, begun.id)

    assert job.state == pb.IMPORT_STATE_FAILED
    assert "there is no column evnt (did you mean event" in job.problem
    assert await world.rows() == []


async def test_the_file_of_an_import_that_nobody_starts_is_deleted(world: World) -> None:
    given = pb.CreateImportRequest(options=pb.ImportOptions(columns=COLUMNS))
    job = await world.ask(world.imports.CreateImport, given, world.staff)
    part = pb.AddImportPartRequest(id=job.id, number=1, content=FILE)
    await world.ask(world.imports.AddImportPart, part, world.staff)

    async with world.database.tx() as tx:
        await delete_abandoned_parts(tx, tx.now - timedelta(days=1))
        assert await tx.fetch("SELECT count(*) FROM import_part") == [(1,)]
        await delete_abandoned_parts(tx, tx.now + timedelta(days=1))
        assert await tx.fetch("SELECT count(*) FROM import_part") == [(0,)]


async def test_a_dry_run_stores_nothing_and_reports_all(world: World) -> None:
    async with a_worker(world):
        job = await ended(world, (await create_import(world, FILE, is_dry_run=True)).id)

    assert (job.lines_read, job.lines_stored) == (40, 40)
    assert await world.rows() == []


async def test_wrong_options_and_late_parts_are_refused(world: World) -> None:
    for options in (
        pb.ImportOptions(columns={"persn": "a"}),
        pb.ImportOptions(columns=COLUMNS, timezone="Mars/Base"),
        pb.ImportOptions(columns=COLUMNS, encoding="klingon"),
    ):
        with pytest.raises(DomainError) as refused:
            await world.ask(
                world.imports.CreateImport, pb.CreateImportRequest(options=options), world.staff
            )
        assert refused.value.reason == "INVALID_IMPORT"
    job = await create_import(world, FILE)
    part = pb.AddImportPartRequest(id=job.id, number=2, content=b"x")
    with pytest.raises(DomainError) as refused:
        await world.ask(world.imports.AddImportPart, part, world.staff)
    assert refused.value.reason == "IMPORT_HAS_ENDED"
    with pytest.raises(DomainError) as refused:
        await world.ask(world.imports.GetImport, pb.GetImportRequest(id=str(uuid7())), world.staff)
    assert refused.value.reason == "IMPORT_NOT_FOUND"


async def test_only_staff_with_the_scope_import(world: World) -> None:
    with pytest.raises(DomainError) as refused:
        await world.ask(
            world.imports.CreateImport,
            pb.CreateImportRequest(options=pb.ImportOptions(columns=COLUMNS)),
            world.tokens.staff("journeys.read"),
        )
    assert refused.value.reason == "SCOPE_REQUIRED"
