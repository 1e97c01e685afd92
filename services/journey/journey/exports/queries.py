"""Reads of exports."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from journey.errors import ExportNotFound, ExportNotReady
from journey.exports.model import ExportJob, ExportPart, ExportState


async def get_export(read: Read, id: UUID) -> ExportJob:
    """Returns an export. Raises ExportNotFound."""
    if (job := await read.get(ExportJob, id)) is None:
        raise ExportNotFound(export_id=str(id))
    return job


async def lock_export(tx: Tx, id: UUID) -> ExportJob:
    """Returns an export, locked until the end of the transaction. Raises ExportNotFound."""
    if (job := await tx.lock(ExportJob, id)) is None:
        raise ExportNotFound(export_id=str(id))
    return job


async def list_exports(read: Read, limit: int) -> list[ExportJob]:
    """Returns the newest exports."""
    return await read.all(_NEWEST, limit=limit)


async def get_export_part(read: Read, job: ExportJob, number: int) -> bytes:
    """Returns a part of the file of an export that is done.

    Raises ExportNotReady where it is not, ExportNotFound for a part that it does not have.
    """
    if job.state is not ExportState.DONE:
        raise ExportNotReady(state=job.state)
    if (part := await read.get(ExportPart, job.id, number)) is None:
        raise ExportNotFound(export_id=str(job.id), part=number, parts=job.parts)
    return part.content


_NEWEST: Final = prepare(
    select(ExportJob).order_by(col(ExportJob.id).desc()).limit(bindparam("limit"))
)
