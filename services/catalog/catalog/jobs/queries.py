"""Reads of imports."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from catalog.errors import CatalogImportNotFound
from catalog.jobs.model import CatalogImport, CatalogImportPart
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx

_NEWEST: Final = prepare(
    select(CatalogImport).order_by(col(CatalogImport.id).desc()).limit(bindparam("limit"))
)
_PARTS: Final = prepare(
    select(CatalogImportPart.content)
    .where(col(CatalogImportPart.import_id) == bindparam("import_id"))
    .order_by(col(CatalogImportPart.number))
)


async def get_catalog_import(read: Read, id: UUID) -> CatalogImport:
    """Returns an import. Raises CatalogImportNotFound."""
    if (job := await read.get(CatalogImport, id)) is None:
        raise CatalogImportNotFound(import_id=str(id))
    return job


async def lock_catalog_import(tx: Tx, id: UUID) -> CatalogImport:
    """Returns an import, locked until the end of the transaction.

    Raises CatalogImportNotFound.
    """
    if (job := await tx.lock(CatalogImport, id)) is None:
        raise CatalogImportNotFound(import_id=str(id))
    return job


async def list_catalog_imports(read: Read, limit: int) -> list[CatalogImport]:
    """Returns the newest imports."""
    return await read.all(_NEWEST, limit=limit)


async def content_of(read: Read, id: UUID) -> bytes:
    """Returns the file of an import, its parts joined."""
    return b"".join(await read.all(_PARTS, import_id=id))
