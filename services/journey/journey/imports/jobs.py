"""Imports as jobs of the service: their parts, their turn, and the process that runs them."""

import asyncio
import tempfile
from datetime import datetime
from typing import BinaryIO, Final, cast
from uuid import UUID

from sqlalchemy import and_, bindparam, or_
from sqlmodel import col, select

from chassis import telemetry
from chassis.data.audit import record_audit
from chassis.data.database import Database
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import Unavailable
from chassis.runtime.clock import uuid7
from chassis.runtime.loops import run_periodically
from journey.errors import ImportHasEnded, InvalidImport
from journey.imports.actions import LEASE, ImportUndone, run_import
from journey.imports.columns import resolve_options
from journey.imports.inputs import UnreadableFile
from journey.imports.model import ImportJob, ImportOptions, ImportPart, ImportState
from journey.imports.queries import lock_import
from journey.imports.times import UnreadableTime, parse_zone
from journey.settings import Settings

MOST_BYTES: Final = 1024 * 1024 * 1024
_LOOK_SECONDS: Final = 1.0
_SPOOLED: Final = 16 * 1024 * 1024
log = telemetry.log("imports")


async def create_import(tx: Tx, options: ImportOptions, *, actor_id: UUID) -> ImportJob:
    """Begins an import that waits for its file. Raises InvalidImport."""
    try:
        resolve_options(options)
        parse_zone(options.timezone)
        "".encode(options.encoding)
    except (UnreadableFile, UnreadableTime) as error:
        raise InvalidImport(str(error)) from None
    except LookupError:
        raise InvalidImport(f"{options.encoding} is no encoding") from None
    job = ImportJob(
        id=uuid7(),
        state=ImportState.RECEIVING,
        options=options,
        actor_id=actor_id,
        created_at=tx.now,
    )
    await tx.insert(job)
    record_audit(tx, actor_id, "create_import", f"import:{job.id}", before=None, after={})
    return job


async def add_import_part(tx: Tx, id: UUID, number: int, content: bytes) -> ImportJob:
    """Keeps a part of an import's file; the same number again replaces it.

    Raises ImportNotFound, ImportHasEnded, InvalidImport.
    """
    job = await lock_import(tx, id)
    if job.state is not ImportState.RECEIVING:
        raise ImportHasEnded(state=job.state)
    before = await tx.get(ImportPart, id, number)
    size = job.bytes_received + len(content) - (len(before.content) if before else 0)
    if size > MOST_BYTES:
        raise InvalidImport("a file has at most 1 GiB; import it as several", most_bytes=MOST_BYTES)
    await tx.run(
        "INSERT INTO import_part (import_id, number, content) VALUES (%s, %s, %s)"
        " ON CONFLICT (import_id, number) DO UPDATE SET content = excluded.content",
        [id, number, content],
    )
    job.bytes_received = size
    await tx.update(job)
    return job


async def start_import(tx: Tx, id: UUID) -> ImportJob:
    """Puts an import in the queue. Idempotent. Raises ImportNotFound, ImportHasEnded."""
    job = await lock_import(tx, id)
    if job.state in (ImportState.QUEUED, ImportState.RUNNING):
        return job
    if job.state is not ImportState.RECEIVING:
        raise ImportHasEnded(state=job.state)
    job.state = ImportState.QUEUED
    await tx.update(job)
    return job


async def run_imports(database: Database, settings: Settings) -> None:
    """Runs imports of the queue until cancelled, one at a time."""

    async def run_next() -> None:
        while (job := await _claim(database)) is not None:
            await _run(database, settings, job)

    await run_periodically(run_next, every_seconds=_LOOK_SECONDS, name="imports")


async def _claim(database: Database) -> ImportJob | None:
    """Takes the next import, also one whose process is gone: what it stored is repeated then."""
    async with database.tx() as tx:
        if (id := await tx.one(_NEXT, now=tx.now)) is None:
            return None
        job = await lock_import(tx, id)
        job.state, job.leased_until = ImportState.RUNNING, tx.now + LEASE
        await tx.update(job)
        return job


async def _run(database: Database, settings: Settings, job: ImportJob) -> None:
    with tempfile.SpooledTemporaryFile(max_size=_SPOOLED) as spooled:
        file = cast(BinaryIO, spooled)
        await _join_parts(database, job.id, file)
        try:
            await run_import(database, settings, job, file)
        except UnreadableFile as error:
            await fail_import(database, job.id, str(error))
        except ImportUndone:
            log.info("import undone while it ran", import_id=str(job.id))
        except Unavailable:
            # Its lease ends, and it is taken again.
            raise
        except Exception as error:
            log.error("import failed", import_id=str(job.id), exc_info=error)
            await fail_import(database, job.id, "an error of ours: the log has it")
    async with database.tx() as tx:
        await tx.run("DELETE FROM import_part WHERE import_id = %s", [job.id])
    log.info("import ended", import_id=str(job.id), lines=job.lines_read)


async def _join_parts(database: Database, id: UUID, file: BinaryIO) -> None:
    async with database.read() as read:
        numbers = await read.all(_NUMBERS, import_id=id)
    for number in numbers:
        async with database.read() as read:
            part = await read.get(ImportPart, id, number)
        if part is not None:
            await asyncio.to_thread(file.write, part.content)
    file.seek(0)


async def fail_import(database: Database, id: UUID, problem: str) -> None:
    """Ends an import whose file cannot be read."""
    async with database.tx() as tx:
        job = await lock_import(tx, id)
        if job.state is not ImportState.UNDONE:
            job.state, job.problem, job.finished_at = ImportState.FAILED, problem, tx.now
            await tx.update(job)


async def delete_abandoned_parts(tx: Tx, before: datetime) -> None:
    """Deletes the files of imports that were begun before a time and never started."""
    await tx.run(
        "DELETE FROM import_part p USING import_job j WHERE j.id = p.import_id"
        " AND j.state = 'receiving' AND j.created_at < %s",
        [before],
    )


_NEXT: Final = prepare(
    select(ImportJob.id)
    .where(
        or_(
            col(ImportJob.state) == ImportState.QUEUED.value,
            and_(
                col(ImportJob.state) == ImportState.RUNNING.value,
                col(ImportJob.leased_until) < bindparam("now"),
            ),
        )
    )
    .order_by(col(ImportJob.id))
    .limit(1)
    .with_for_update(skip_locked=True)
)
_NUMBERS: Final = prepare(
    select(ImportPart.number)
    .where(col(ImportPart.import_id) == bindparam("import_id"))
    .order_by(col(ImportPart.number))
)
