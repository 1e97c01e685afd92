"""Imports as staff begin, feed, start and cancel them."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, bindparam, or_
from sqlmodel import col, select

from catalog.channels.model import LOCALE
from catalog.errors import (
    CatalogImportHasBegun,
    CatalogImportHasEnded,
    FileTooLarge,
    InvalidImportOptions,
)
from catalog.jobs.model import (
    CatalogImport,
    CatalogImportPart,
    FileFormat,
    ImportOptions,
    ImportState,
)
from catalog.jobs.queries import lock_catalog_import
from chassis.data.audit import record_audit
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.money import CURRENCIES
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import real_now, uuid7

MOST_BYTES: Final = 64 * 1024 * 1024
LEASE: Final = timedelta(minutes=2)
_NEXT: Final = prepare(
    select(CatalogImport.id)
    .where(
        or_(
            col(CatalogImport.state) == ImportState.QUEUED.value,
            and_(
                col(CatalogImport.state) == ImportState.RUNNING.value,
                col(CatalogImport.leased_until) < bindparam("now"),
            ),
        )
    )
    .order_by(col(CatalogImport.id))
    .limit(1)
    .with_for_update(skip_locked=True)
)


async def create_catalog_import(
    tx: Tx, options: ImportOptions, *, actor_id: UUID | None = None
) -> CatalogImport:
    """Begins an import that waits for its file. Raises InvalidImportOptions."""
    require_options(options)
    job = CatalogImport(
        id=uuid7(),
        state=ImportState.RECEIVING,
        options=options,
        actor_id=actor_id,
        created_at=tx.now,
    )
    await tx.insert(job)
    record_audit(
        tx,
        actor_id,
        "create_catalog_import",
        f"catalog_import:{job.id}",
        after={"kind": options.kind.value, "is_dry_run": options.is_dry_run},
    )
    return job


def require_options(options: ImportOptions) -> None:
    """Refuses options that make no sense. Raises InvalidImportOptions."""
    if options.format is FileFormat.CSV and not options.kind.has_csv:
        raise InvalidImportOptions(f"{options.kind} are JSON Lines", path="options.format")
    if options.currency and options.currency not in CURRENCIES:
        raise InvalidImportOptions("is no active ISO 4217 code", path="options.currency")
    if options.locale and not LOCALE.fullmatch(options.locale):
        raise InvalidImportOptions("is no BCP 47 language tag", path="options.locale")


async def add_catalog_import_part(tx: Tx, id: UUID, number: int, content: bytes) -> CatalogImport:
    """Keeps a part of an import's file; the same number again replaces it.

    Raises CatalogImportNotFound, CatalogImportHasBegun, FileTooLarge.
    """
    job = await lock_catalog_import(tx, id)
    if job.state is not ImportState.RECEIVING:
        raise CatalogImportHasBegun(state=job.state)
    before = await tx.get(CatalogImportPart, id, number)
    size = job.bytes_received + len(content) - (len(before.content) if before else 0)
    if size > MOST_BYTES:
        raise FileTooLarge("split the file: an import has at most 64 MiB", most_bytes=MOST_BYTES)
    part = CatalogImportPart(import_id=id, number=number, content=content)
    await tx.upsert_many(CatalogImportPart, [part])
    job.bytes_received = size
    await tx.update(job)
    return job


async def start_catalog_import(
    tx: Tx, id: UUID, *, actor_id: UUID | None = None, expected_version: int = 0
) -> CatalogImport:
    """Puts an import in the queue. Idempotent.

    Raises CatalogImportNotFound, CatalogImportHasEnded, VersionMismatch.
    """
    job = await lock_catalog_import(tx, id)
    if job.state in (ImportState.QUEUED, ImportState.RUNNING):
        return job
    if job.has_ended:
        raise CatalogImportHasEnded(state=job.state)
    _require_version(job, expected_version)
    job.state = ImportState.QUEUED
    await tx.update(job)
    _record(tx, job, "start_catalog_import", actor_id)
    return job


async def cancel_catalog_import(
    tx: Tx, id: UUID, *, actor_id: UUID | None = None, expected_version: int = 0
) -> CatalogImport:
    """Ends an import; what it stored stays. Idempotent.

    Raises CatalogImportNotFound, CatalogImportHasEnded, VersionMismatch.
    """
    job = await lock_catalog_import(tx, id)
    if job.state is ImportState.CANCELLED:
        return job
    if job.has_ended:
        raise CatalogImportHasEnded(state=job.state)
    _require_version(job, expected_version)
    await end_import(tx, job, ImportState.CANCELLED)
    _record(tx, job, "cancel_catalog_import", actor_id)
    return job


async def claim_next_import(tx: Tx) -> CatalogImport | None:
    """Takes the next import for this process, also one whose process is gone."""
    if (id := await tx.one(_NEXT, now=real_now())) is None:
        return None
    job = await lock_catalog_import(tx, id)
    job.state, job.leased_until = ImportState.RUNNING, real_now() + LEASE
    await tx.update(job)
    return job


async def end_import(tx: Tx, job: CatalogImport, state: ImportState, problem: str = "") -> None:
    """Ends a job and deletes its file."""
    job.state, job.problem = state, problem
    job.finished_at, job.leased_until = tx.now, None
    await tx.update(job)
    await tx.run("DELETE FROM catalog_import_part WHERE import_id = %s", [job.id])


async def delete_abandoned_parts(tx: Tx, before: datetime) -> int:
    """Deletes the files of imports that were begun before a time and never started."""
    return await tx.run(
        "DELETE FROM catalog_import_part p USING catalog_import i WHERE i.id = p.import_id"
        " AND i.state = 'receiving' AND i.created_at < %s",
        [before],
    )


def _require_version(job: CatalogImport, expected_version: int) -> None:
    if expected_version not in (0, job.version):
        raise VersionMismatch("the import changed meanwhile", version=job.version)


def _record(tx: Tx, job: CatalogImport, action: str, actor_id: UUID | None) -> None:
    record_audit(tx, actor_id, action, f"catalog_import:{job.id}", after={"state": job.state.value})
