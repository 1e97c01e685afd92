"""Imports: running one, and undoing it."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import BinaryIO, Final
from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from journey.consents.model import Answer
from journey.history.model import ErasedBy, Erasure, queue_erasures
from journey.imports.model import (
    MOST_REFUSALS,
    Counts,
    ImportJob,
    ImportState,
    Refusal,
)
from journey.imports.read_file import Reading, read_file, reading_context
from journey.imports.rows import Imported
from journey.people.keys import PersonKey, delete_keys_of_import, insert_keys, order_key
from journey.people.model import lock_people, regroup_people
from journey.settings import Settings
from journey.touchpoints.record import Recorded, Seen, record_touchpoints

CHUNK: Final = 10_000
LEASE: Final = timedelta(minutes=5)
_ORDER_PLACED: Final = "order.placed"


@dataclass(slots=True)
class Report:
    """Outcome of an import so far."""

    counts: Counts = field(default_factory=Counts)
    refusals: list[Refusal] = field(default_factory=list)


class ImportUndone(Exception):
    """The import was undone while it ran; its last chunk is not stored."""


class _DryRun(Exception):
    """Takes a chunk of a dry run back."""


async def run_import(
    database: Database, settings: Settings, job: ImportJob, file: BinaryIO
) -> ImportJob:
    """Reads a file and stores its touchpoints, a chunk a transaction. Returns the finished job.

    Idempotent by the identity of events. A dry run stores nothing. Raises UnreadableFile; what was
    stored before a file broke stays until the import is undone.
    """
    context = reading_context(settings, job.id, database.clock.now())
    reading = await asyncio.to_thread(read_file, file, job.options, context)
    job.notes, job.state = reading.notes, ImportState.RUNNING
    report = Report()
    taking = asyncio.create_task(asyncio.to_thread(_take, reading))
    try:
        while chunk := await taking:
            # One chunk is read while the one before it is stored, and no more: that bounds memory.
            taking = asyncio.create_task(asyncio.to_thread(_take, reading))
            await _store_chunk(database, settings, job, chunk, report)
    finally:
        # The file is read until then.
        await asyncio.wait([taking])
    async with database.tx() as tx:
        job.state, job.finished_at, job.leased_until = ImportState.DONE, tx.now, None
        await _write(tx, job, report)
    return job


def _take(reading: Reading) -> list[Imported | Refusal]:
    return list(itertools.islice(reading.rows, CHUNK))


async def _store_chunk(
    database: Database,
    settings: Settings,
    job: ImportJob,
    chunk: Sequence[Imported | Refusal],
    report: Report,
) -> None:
    rows = [one for one in chunk if isinstance(one, Imported)]
    refused = [one for one in chunk if isinstance(one, Refusal)]
    counts = report.counts
    counts.read += len(chunk)
    counts.refused += len(refused)
    report.refusals += refused[: MOST_REFUSALS - len(report.refusals)]
    try:
        async with database.tx() as tx:
            # A chunk of a long history may take longer than a call may, above all before the server
            # knows how large its tables have become.
            await tx.run("SET LOCAL statement_timeout = 0")
            recorded = await _record(tx, settings, rows)
            counts.stored += len(recorded.stored)
            counts.repeated += recorded.repeated
            counts.withheld += len(recorded.refused)
            if job.options.is_dry_run:
                raise _DryRun
            job.leased_until = tx.now + LEASE
            await _write(tx, job, report)
    except _DryRun:
        async with database.tx() as tx:
            job.leased_until = tx.now + LEASE
            await _write(tx, job, report)


async def _record(tx: Tx, settings: Settings, rows: Sequence[Imported]) -> Recorded:
    recorded = await record_touchpoints(
        tx,
        [Seen(row.touchpoint, Answer.GRANTED) for row in rows],
        settings.is_granted_by_default,
        keeps_answers=False,
    )
    with_keys = [
        (row.touchpoint, _keys_of(row))
        for row in rows
        if row.email_id is not None or row.touchpoint.kind == _ORDER_PLACED
    ]
    stored = {touchpoint.id.int for touchpoint in recorded.stored} if with_keys else set[int]()
    await insert_keys(
        tx,
        (
            PersonKey(key_id=key, handle_id=handle, import_id=touchpoint.import_id)
            for touchpoint, keys in with_keys
            if touchpoint.id.int in stored
            for key in keys
            for handle in touchpoint.handles
        ),
    )
    return recorded


def _keys_of(row: Imported) -> list[UUID]:
    keys = [row.email_id] if row.email_id is not None else []
    if row.touchpoint.kind == _ORDER_PLACED and row.touchpoint.subject:
        keys.append(order_key(row.touchpoint.subject))
    return keys


async def _write(tx: Tx, job: ImportJob, report: Report) -> None:
    job.take_counts(report.counts)
    job.refusals = report.refusals
    try:
        await tx.update(job)
    except VersionMismatch:
        # Nobody else writes a job that runs, but who undoes it.
        raise ImportUndone from None


async def undo_import(tx: Tx, job: ImportJob, *, actor_id: UUID | None = None) -> int:
    """Deletes what an import stored and said of who is who. Returns how many touchpoints.

    Those in files of history leave them with the next round of it and are not counted. What others
    said too stays. Idempotent.
    """
    await tx.run("SET LOCAL statement_timeout = 0")
    await lock_people(tx)
    handles = await _forget_sightings(tx, job.id)
    deleted = await tx.run("DELETE FROM touchpoint WHERE import_id = %s", [job.id])
    await queue_erasures(tx, [Erasure(ErasedBy.IMPORT, job.id)])
    await delete_keys_of_import(tx, job.id)
    await tx.run("DELETE FROM import_part WHERE import_id = %s", [job.id])
    if handles:
        await regroup_people(tx, handles)
    job.state, job.finished_at, job.leased_until = ImportState.UNDONE, tx.now, None
    await tx.update(job)
    if actor_id is not None:
        after = {"deleted": deleted}
        record_audit(tx, actor_id, "undo_import", f"import:{job.id}", before=None, after=after)
    return deleted


async def _forget_sightings(tx: Tx, import_id: UUID) -> list[UUID]:
    """Deletes the sightings that no other touchpoint shows. Returns the ids of them."""
    found = await tx.fetch(
        "WITH told AS (SELECT DISTINCT visitor_id, customer_id FROM touchpoint"
        " WHERE import_id = %(id)s AND visitor_id IS NOT NULL AND customer_id IS NOT NULL)"
        " DELETE FROM sighting s USING told WHERE s.handle_id = told.visitor_id"
        " AND s.subject_id = told.customer_id AND NOT EXISTS (SELECT FROM touchpoint t"
        " WHERE t.visitor_id = told.visitor_id AND t.customer_id = told.customer_id"
        " AND t.import_id IS DISTINCT FROM %(id)s)"
        " RETURNING s.handle_id, s.subject_id",
        {"id": import_id},
    )
    return [id for pair in found for id in pair]
