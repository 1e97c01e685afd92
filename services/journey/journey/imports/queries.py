"""Reads of imports."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from journey.errors import ImportNotFound
from journey.imports.model import ImportJob


async def get_import(read: Read, id: UUID) -> ImportJob:
    """Returns an import. Raises ImportNotFound."""
    if (job := await read.get(ImportJob, id)) is None:
        raise ImportNotFound(import_id=str(id))
    return job


async def lock_import(tx: Tx, id: UUID) -> ImportJob:
    """Returns an import, locked until the end of the transaction. Raises ImportNotFound."""
    if (job := await tx.lock(ImportJob, id)) is None:
        raise ImportNotFound(import_id=str(id))
    return job


async def list_imports(read: Read, limit: int) -> list[ImportJob]:
    """Returns the newest imports."""
    return await read.all(_NEWEST, limit=limit)


async def get_last_import(read: Read) -> datetime | None:
    """Returns when the last import of history ended; None before the first."""
    return await read.one(_LAST)


_LAST: Final = prepare(select(func.max(ImportJob.finished_at)))
_NEWEST: Final = prepare(
    select(ImportJob).order_by(col(ImportJob.id).desc()).limit(bindparam("limit"))
)
