"""Exports as jobs of the service: their turn, their file, and the process that writes it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO, Final
from uuid import UUID

import psycopg
from sqlalchemy import and_, bindparam, or_
from sqlmodel import col, select

from chassis import telemetry
from chassis.data.audit import record_audit
from chassis.data.database import Database
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.documents import fill
from chassis.rpc.errors import DomainError, Unavailable
from chassis.runtime.loops import run_periodically
from journey.exports.actions import delete_file
from journey.exports.files import open_file, scan_tables
from journey.exports.model import ExportJob, ExportOptions, ExportPart, ExportState
from journey.exports.queries import lock_export
from journey.people.model import lock_people
from journey.questions.answers import Answers
from journey.store.store import TouchpointStore
from sojourn.journey.v1 import questions_pb2

# Longer than the file of any export takes.
LEASE: Final = timedelta(minutes=30)
PART_BYTES: Final = 4 * 1024 * 1024
MOST_BYTES: Final = 1024 * 1024 * 1024
# Each time that somebody in it withdrew their consent while it ran, an export begins anew.
MOST_ATTEMPTS: Final = 5
_LOOK_SECONDS: Final = 1.0
_SPOOLED: Final = 16 * 1024 * 1024
_ID_BYTES: Final = 16
_TOO_LONG: Final = "it takes longer than the database allows; export a shorter period"
log = telemetry.log("exports")


class ExportTooLarge(Exception):
    """The file would be larger than MOST_BYTES."""


class _Ended(Exception):
    """The export was deleted while it ran."""


@dataclass(slots=True)
class Spool:
    """A file that was written, and whose touchpoints stand in it.

    `people` has an id of 16 bytes for each; `marks` are how long both were after each batch.
    """

    file: IO[bytes]
    people: IO[bytes]
    touchpoints: int = 0
    size: int = 0
    marks: list[tuple[int, int]] = field(default_factory=list)

    def write(self, content: bytes, people: list[str]) -> None:
        self.file.write(content)
        self.people.write(b"".join(UUID(person).bytes for person in people))
        self.size += len(content)
        self.marks.append((self.size, self.people.tell()))
        if self.size > MOST_BYTES:
            raise ExportTooLarge


@asynccontextmanager
async def write_spool(
    answers: Answers, store: TouchpointStore, options: ExportOptions
) -> AsyncIterator[Spool]:
    """Yields the file of an export, written batch by batch to the disk.

    Raises InvalidQuestion, ExportTooLarge.
    """
    message = questions_pb2.TouchpointFilter()
    fill(message, dict(options.filter))
    chosen = await answers.filter(message)
    with (
        tempfile.SpooledTemporaryFile(max_size=_SPOOLED) as file,
        tempfile.SpooledTemporaryFile(max_size=_SPOOLED) as people,
    ):
        spool, written = Spool(file, people), open_file(options)
        async for table, who in scan_tables(store, chosen, options):
            content = await asyncio.to_thread(written.add, table)
            spool.touchpoints += len(table)
            await asyncio.to_thread(spool.write, content, who)
        spool.write(await asyncio.to_thread(written.close), [])
        yield spool


async def run_exports(
    database: Database, store: TouchpointStore, *, part_bytes: int = PART_BYTES
) -> None:
    """Runs exports of the queue until cancelled, one at a time."""

    async def run_next() -> None:
        while (job := await _claim(database)) is not None:
            await _run(database, store, job, part_bytes)

    await run_periodically(run_next, every_seconds=_LOOK_SECONDS, name="exports")


async def _claim(database: Database) -> ExportJob | None:
    """Takes the next export, also one whose process is gone."""
    async with database.tx() as tx:
        # Who withdraws their consent now is gone before the file is read, or finds this export.
        await lock_people(tx)
        if (id := await tx.one(_NEXT, now=tx.now)) is None:
            return None
        job = await lock_export(tx, id)
        await delete_file(tx, id)
        job.state, job.leased_until = ExportState.RUNNING, tx.now + LEASE
        job.attempts += 1
        job.parts = job.bytes_written = job.touchpoints = 0
        await tx.update(job)
        return job


async def _run(database: Database, store: TouchpointStore, job: ExportJob, part_bytes: int) -> None:
    try:
        async with write_spool(Answers(database, store), store, job.options) as spool:
            await _store(database, job, spool, part_bytes)
        await _finish(database, job, spool.touchpoints)
    except _Ended:
        log.info("export deleted while it ran", export_id=str(job.id))
    except ExportTooLarge:
        await _fail(database, job.id, "a file has at most 1 GiB; export a shorter period")
    except psycopg.errors.QueryCanceled:
        await _fail(database, job.id, _TOO_LONG)
    except Unavailable:
        # Its lease ends, and it is taken again.
        raise
    except DomainError as error:
        await _fail(database, job.id, error.message)
    except Exception as error:
        log.error("export failed", export_id=str(job.id), exc_info=error)
        await _fail(database, job.id, "an error of ours: the log has it")


async def _store(database: Database, job: ExportJob, spool: Spool, part_bytes: int) -> None:
    """Writes the parts of a file, each in a transaction."""
    spool.file.seek(0)
    spool.people.seek(0)
    taken = 0
    while content := await asyncio.to_thread(spool.file.read, part_bytes):
        job.parts += 1
        job.bytes_written += len(content)
        is_last = job.bytes_written >= spool.size
        ends = [people for size, people in spool.marks if is_last or size <= job.bytes_written]
        until = max(ends, default=taken)
        ids = await asyncio.to_thread(spool.people.read, until - taken)
        taken = until
        async with database.tx() as tx:
            await _lock_running(tx, job.id)
            part = ExportPart(
                export_id=job.id,
                number=job.parts,
                content=content,
                people=[
                    UUID(bytes=ids[place : place + _ID_BYTES])
                    for place in range(0, len(ids), _ID_BYTES)
                ],
            )
            await tx.insert(part)


async def _finish(database: Database, job: ExportJob, touchpoints: int) -> None:
    """Ends an export, with an audit row; one with people who withdrew meanwhile begins anew."""
    async with database.tx() as tx:
        found = await _lock_running(tx, job.id)
        withdrawn = await tx.fetch(
            "SELECT 1 FROM export_part p JOIN export_withdrawal w USING (export_id)"
            " WHERE p.export_id = %s AND p.people @> ARRAY[w.person_id] LIMIT 1",
            [job.id],
        )
        if withdrawn:
            await delete_file(tx, job.id)
            is_last = found.attempts >= MOST_ATTEMPTS
            found.state = ExportState.FAILED if is_last else ExportState.QUEUED
            found.problem = "people withdrew their consent each time; try again" if is_last else ""
            await tx.update(found)
            return
        await tx.run("DELETE FROM export_withdrawal WHERE export_id = %s", [job.id])
        found.state, found.finished_at, found.leased_until = ExportState.DONE, tx.now, None
        found.parts, found.bytes_written = job.parts, job.bytes_written
        found.touchpoints = touchpoints
        await tx.update(found)
        after = {**job.options.facts, "touchpoints": touchpoints}
        record_audit(tx, found.actor_id, "finish_export", f"export:{job.id}", after=after)
    log.info("export ended", export_id=str(job.id), touchpoints=touchpoints)


async def _lock_running(tx: Tx, id: UUID) -> ExportJob:
    job = await lock_export(tx, id)
    if job.state is not ExportState.RUNNING:
        raise _Ended
    return job


async def _fail(database: Database, id: UUID, problem: str) -> None:
    async with database.tx() as tx:
        job = await lock_export(tx, id)
        if job.state is ExportState.RUNNING:
            await delete_file(tx, id)
            job.state, job.problem, job.finished_at = ExportState.FAILED, problem, tx.now
            await tx.update(job)


_NEXT: Final = prepare(
    select(ExportJob.id)
    .where(
        or_(
            col(ExportJob.state) == ExportState.QUEUED.value,
            and_(
                col(ExportJob.state) == ExportState.RUNNING.value,
                col(ExportJob.leased_until) < bindparam("now"),
            ),
        )
    )
    .order_by(col(ExportJob.id))
    .limit(1)
    .with_for_update(skip_locked=True)
)
