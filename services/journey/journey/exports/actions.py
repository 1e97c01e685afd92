"""Asking for exports, and deleting their files."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7
from journey.exports.model import ExportJob, ExportOptions, ExportState
from journey.exports.queries import lock_export


async def create_export(tx: Tx, options: ExportOptions, *, actor_id: UUID) -> ExportJob:
    """Puts an export in the queue, with an audit row that has its filter."""
    job = ExportJob(id=uuid7(), options=options, actor_id=actor_id, created_at=tx.now)
    await tx.insert(job)
    record_audit(tx, actor_id, "create_export", f"export:{job.id}", after=options.facts)
    return job


async def delete_export(tx: Tx, id: UUID, *, actor_id: UUID) -> ExportJob:
    """Deletes the file of an export, and ends one that runs. Idempotent. Raises ExportNotFound."""
    job = await lock_export(tx, id)
    if job.state is ExportState.EXPIRED:
        return job
    before = {"state": job.state.value}
    await expire_export(tx, job)
    record_audit(tx, actor_id, "delete_export", f"export:{id}", before=before, after=None)
    return job


async def expire_export(tx: Tx, job: ExportJob) -> None:
    """Deletes the file of an export that is locked."""
    await delete_file(tx, job.id)
    job.state, job.leased_until = ExportState.EXPIRED, None
    job.finished_at = job.finished_at or tx.now
    await tx.update(job)


async def delete_file(tx: Tx, id: UUID) -> None:
    """Deletes the parts of an export's file, and who withdrew while it was written."""
    await tx.run("DELETE FROM export_part WHERE export_id = %s", [id])
    await tx.run("DELETE FROM export_withdrawal WHERE export_id = %s", [id])


async def delete_exports_of_people(tx: Tx, person_ids: Sequence[UUID]) -> None:
    """Deletes the files in which people stand who withdraw their consent.

    An export that runs begins anew if it has them.
    """
    ids = list(person_ids)
    # Jobs first: who finishes one holds its row, so that no file ends between the two statements.
    jobs = await tx.fetch(
        "SELECT id, state FROM export_job WHERE state IN ('queued', 'running', 'done')"
        " ORDER BY id FOR UPDATE"
    )
    if not jobs:
        return
    await tx.run(
        "INSERT INTO export_withdrawal (export_id, person_id) SELECT j.id, p.id FROM export_job j,"
        " unnest(%s::uuid[]) AS p (id) WHERE j.state IN ('queued', 'running')"
        " ON CONFLICT DO NOTHING",
        [ids],
    )
    found = await tx.fetch(
        "SELECT DISTINCT p.export_id FROM export_part p JOIN export_job j ON j.id = p.export_id"
        " WHERE j.state = 'done' AND p.people && %s::uuid[]",
        [ids],
    )
    for (id,) in found:
        await expire_export(tx, await lock_export(tx, id))


async def delete_old_exports(tx: Tx, before: datetime) -> None:
    """Deletes the files of exports that ended before a time."""
    found = await tx.fetch(
        "SELECT id FROM export_job WHERE state = 'done' AND finished_at < %s"
        " FOR UPDATE SKIP LOCKED",
        [before],
    )
    for (id,) in found:
        await expire_export(tx, await lock_export(tx, id))
