"""The deletion of uploads that nobody completed, and of bytes that no buyer gets."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import col, select

from catalog.digital_goods.model import DigitalFile
from catalog.media.store import MediaStore
from chassis.data.database import Database
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx

_KEPT: Final = timedelta(days=1)
_BATCH: Final = 20
_DELETED: Final = prepare(
    select(DigitalFile)
    .where(col(DigitalFile.deleted_at).is_not(None), col(DigitalFile.part_keys) != [])
    .limit(_BATCH)
)


async def delete_unneeded_files(database: Database, store: MediaStore) -> None:
    """Deletes files that were begun a day ago and are not complete, and bytes of deleted files.

    A row keeps the places of its bytes until these are gone: the next run goes on after a stop.
    """
    async with database.tx() as tx:
        await _delete_unfinished(tx, tx.now - _KEPT)
    while True:
        async with database.read() as read:
            files: list[DigitalFile] = await read.all(_DELETED)
        if not files:
            return
        await store.delete([key for file in files for key in file.part_keys if key])
        async with database.tx() as tx:
            await tx.execute(
                update(DigitalFile)
                .where(one_of(DigitalFile.id, [file.id for file in files]))
                .values(part_keys=[], part_bytes=[])
            )


async def _delete_unfinished(tx: Tx, before: datetime) -> None:
    await tx.run(
        "UPDATE digital_file SET deleted_at = %s"
        " WHERE NOT is_complete AND deleted_at IS NULL AND created_at < %s",
        [tx.now, before],
    )
