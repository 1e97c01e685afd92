"""Running of an import: a portion of its records and its progress in one transaction.

A process that takes an import over reads the file again and goes on behind the records that are
done.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import psycopg

from catalog.categories.import_categories import import_categories
from catalog.categories.model import tree
from catalog.channels.model import Channels
from catalog.directory import Directory
from catalog.jobs.actions import LEASE, claim_next_import, end_import
from catalog.jobs.model import (
    CatalogImport,
    Counts,
    DataKind,
    ImportState,
    Problem,
)
from catalog.jobs.queries import content_of, get_catalog_import, lock_catalog_import
from catalog.jobs.read_file import Reading, Record, problem_of, read_file, source_of
from catalog.jobs.store_records import (
    StoringContext,
    chunks_of,
    reference_of,
    store_records,
)
from catalog.metrics import products_imported
from chassis import telemetry
from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.rpc.errors import DomainError, Invalid, Unavailable
from chassis.runtime.clock import real_now
from chassis.runtime.loops import run_periodically

_LOOK_SECONDS: Final = 1.0
_MOST_TRIES: Final = 5
_PLACE: Final = re.compile(r"records\[(\d+)\]")
log = telemetry.log("imports")


class ImportTaken(Exception):
    """The import ended, or another process runs it: its last portion is not stored here."""


class _DryRun(Exception):
    """Takes a portion of a dry run back."""


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    reading: Reading


async def run_imports(database: Database, directory: Directory) -> None:
    """Runs imports of the queue until cancelled, one at a time."""

    async def run_next() -> None:
        while True:
            async with database.tx() as tx:
                job = await claim_next_import(tx)
            if job is None:
                return
            await run_import(database, directory, job)

    await run_periodically(run_next, every_seconds=_LOOK_SECONDS, name="imports")


async def run_import(
    database: Database, directory: Directory, job: CatalogImport, content: bytes | None = None
) -> CatalogImport:
    """Runs a claimed import to its end. Returns the finished job.

    `content` is the file where it is at hand. Raises Unavailable: the lease then ends, and the
    import is taken again.
    """
    try:
        async with database.read() as read:
            content = content if content is not None else await content_of(read, job.id)
            channels = (await directory.refresh(read)).channels
        reading = await asyncio.to_thread(read_file, content, job.options, channels)
        await _run(database, directory, job.id, _File(content, reading))
    except ImportTaken:
        log.info("import taken or cancelled", import_id=str(job.id))
    except (Unavailable, psycopg.OperationalError):
        raise
    except Exception as error:
        log.error("import failed", import_id=str(job.id), exc_info=error)
        await _end(database, job.id, ImportState.FAILED, "an error of ours: the log has it")
    async with database.read() as read:
        return await get_catalog_import(read, job.id)


async def _run(database: Database, directory: Directory, id: UUID, file: _File) -> None:
    job = await _begin(database, id, file)
    records = file.reading.records[job.records_done :]
    if job.refused and not job.options.is_dry_run and not job.options.skips_refused:
        await _end(database, id, ImportState.FAILED, "a record is refused: nothing was stored")
        return
    for chunk in chunks_of(records, job.options.kind):
        if (problem := await _store_chunk(database, directory, job, file, chunk)) is not None:
            told = f"stopped at line {problem.line}, {problem.column}: {problem.allowed}"
            await _end(database, id, ImportState.FAILED, told[:500])
            return
    await _end(database, id, ImportState.DONE)


async def _begin(database: Database, id: UUID, file: _File) -> CatalogImport:
    """Writes what the file holds, once: a job that goes on has it already."""
    async with database.tx() as tx:
        job = await lock_catalog_import(tx, id)
        _require_running(job)
        if not job.records_found:
            job.records_found = len(file.reading.records) + len(file.reading.problems)
            job.notes = file.reading.notes
            for problem in file.reading.problems:
                job.refuse(problem)
            job.leased_until = real_now() + LEASE
            await tx.update(job)
    return job


async def _store_chunk(
    database: Database,
    directory: Directory,
    job: CatalogImport,
    file: _File,
    chunk: Sequence[Record],
) -> Problem | None:
    """Stores a portion. Refused records are left out, or end the import: then returns the first."""
    waiting, refused = [list(chunk)], list[Problem]()
    tries = 0
    while waiting:
        records = waiting.pop(0)
        try:
            await _store(database, directory, job, file, records, refused)
            refused, tries = [], 0
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
            tries += 1
            if tries >= _MOST_TRIES:
                raise
            waiting.insert(0, records)
        except Unavailable:
            raise
        except DomainError as error:
            found = _refused_record(error, records)
            if found is None and len(records) > 1:
                half = len(records) // 2
                waiting[:0] = [records[:half], records[half:]]
                continue
            record = found or records[0]
            problem = _problem(error, record)
            if not job.options.is_dry_run and not job.options.skips_refused:
                return problem
            refused.append(problem)
            if len(records) > 1:
                waiting.insert(0, [each for each in records if each is not record])
    if refused:
        await _write_refused(database, job, refused)
    return None


async def _store(
    database: Database,
    directory: Directory,
    job: CatalogImport,
    file: _File,
    records: Sequence[Record],
    refused: Sequence[Problem],
) -> None:
    """Stores records and the progress in one transaction; a dry run writes the progress alone."""
    counts = Counts()
    try:
        async with database.tx() as tx:
            current = await _lock(tx, job)
            context = await directory.refresh(tx)
            given = StoringContext(
                context,
                source_of(file.content, job.options),
                reference_of(file.content),
                job.actor_id,
                needs_prices=not _is_json(file),
            )
            await _add_categories(tx, file.reading, context.channels, records)
            counts = await store_records(tx, job.options.kind, records, given)
            if job.options.is_dry_run:
                raise _DryRun
            await _progress(tx, current, counts, len(records), refused)
    except _DryRun:
        async with database.tx() as tx:
            current = await _lock(tx, job)
            await _progress(tx, current, counts, len(records), refused)
    job.version, job.records_done = current.version, current.records_done
    if job.options.kind is DataKind.PRODUCTS and not job.options.is_dry_run:
        for name in ("created", "updated", "unchanged"):
            products_imported.labels(name).inc(getattr(counts, name))


async def _add_categories(
    tx: Tx, reading: Reading, channels: Channels, records: Sequence[Record]
) -> None:
    """Makes the categories that products of a Shopify CSV name and nobody made."""
    if not reading.categories:
        return
    known = (await tree(tx)).by_slug
    named = {record.message.category_slug for record in records} - known.keys()
    if wanted := [each for each in reading.categories if each.slug in named]:
        await import_categories(tx, wanted)


async def _write_refused(
    database: Database, job: CatalogImport, refused: Sequence[Problem]
) -> None:
    async with database.tx() as tx:
        current = await _lock(tx, job)
        await _progress(tx, current, Counts(), 0, refused)
    job.version, job.records_done = current.version, current.records_done


async def _lock(tx: Tx, job: CatalogImport) -> CatalogImport:
    """Locks the import as this process left it. Raises ImportTaken."""
    current = await lock_catalog_import(tx, job.id)
    _require_running(current)
    if current.version != job.version:
        raise ImportTaken
    return current


async def _progress(
    tx: Tx, job: CatalogImport, counts: Counts, stored: int, refused: Sequence[Problem]
) -> None:
    job.count(counts)
    job.records_done += stored + len(refused)
    for problem in refused:
        job.refuse(problem)
    job.leased_until = real_now() + LEASE
    await tx.update(job)


async def _end(database: Database, id: UUID, state: ImportState, problem: str = "") -> None:
    async with database.tx() as tx:
        job = await lock_catalog_import(tx, id)
        if not job.has_ended:
            await end_import(tx, job, state, problem)


def _require_running(job: CatalogImport) -> None:
    if job.state is not ImportState.RUNNING:
        raise ImportTaken


def _refused_record(error: DomainError, records: Sequence[Record]) -> Record | None:
    """Returns the record that a refusal is about; None where it does not tell."""
    told = error.metadata
    if found := _PLACE.match(told.get("path", "")):
        return records[int(found[1])]
    line = told.get("line", "0")
    return next((record for record in records if str(record.line) == line), None)


def _problem(error: DomainError, record: Record) -> Problem:
    shown = error if isinstance(error, Invalid) else Invalid(error.message, **error.metadata)
    problem = problem_of(shown, record.line, record.message)
    return Problem(
        problem.line, problem.column, problem.value, f"{error.reason}: {problem.allowed}"
    )


def _is_json(file: _File) -> bool:
    return file.reading.notes[:1] == ["JSON Lines"]
