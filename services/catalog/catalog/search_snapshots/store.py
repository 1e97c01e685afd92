"""Storing and loading of snapshots: crash safe, and one process at a time.

Parts of files come first, each in a transaction of its own, so that no horizon of transactions
waits for them. The row that names them comes last, in one transaction that has seen all of them. A
process that stops in between leaves parts that the next one uses or deletes.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import AsyncRawCursor

from catalog.search_snapshots.index_files import META, digest_of, finish_folder
from catalog.search_snapshots.model import SearchSnapshot, SearchSnapshotPart
from chassis.data.database import Database
from chassis.data.tx import Read

PART_BYTES: Final = 4 * 1024 * 1024
# Of other forms: an older release may still run, or come back.
KEPT_FOR: Final = timedelta(days=7)
_LOCK: Final = 0x53_4E_41_50
# Since when the process id of a server's data counts its transactions.
_SERVER: Final = (
    "SELECT system_identifier::text || '/' || (SELECT oid FROM pg_database WHERE datname ="
    " current_database())::text FROM pg_control_system()"
)
_SIZES: Final = (
    "SELECT digest, sum(octet_length(content))::bigint FROM search_snapshot_part"
    " WHERE digest = ANY(%s) GROUP BY digest"
)
_PART: Final = b"SELECT content FROM search_snapshot_part WHERE digest = $1 AND number = $2"
_DROP_OLD: Final = "DELETE FROM search_snapshot WHERE form <> %s AND taken_at < %s"
_DROP_UNUSED: Final = (
    "DELETE FROM search_snapshot_part WHERE digest NOT IN (SELECT file->>1 FROM search_snapshot,"
    " jsonb_array_elements(files) AS file)"
)
_DROP: Final = "DELETE FROM search_snapshot WHERE form = %s AND position = %s"
_CHANGED: Final = (
    "SELECT count(*) FROM (SELECT FROM product_change WHERE xid >= %s::text::xid8 LIMIT %s) AS c"
)
_IS_FUTURE: Final = "SELECT %s::text::xid8 >= pg_snapshot_xmax(pg_current_snapshot())"


class SnapshotDamaged(Exception):
    """A stored snapshot has not the files that it names."""


async def server_of(read: Read) -> str:
    """Identity of the server and database whose transactions a position counts."""
    record = await read.fetch_one(_SERVER)
    return str(record[0]) if record else ""


async def usable_snapshot(read: Read, form: str) -> SearchSnapshot | None:
    """The snapshot of a form of index; None where there is none, or it is another server's.

    A restored database has the snapshot of its former server, whose transactions count otherwise.
    """
    found = await read.get(SearchSnapshot, form)
    if found is None or found.server != await server_of(read):
        return None
    record = await read.fetch_one(_IS_FUTURE, [str(found.position)])
    return None if record and record[0] else found


async def count_changes(read: Read, position: int, *, most: int) -> int:
    """Products that changed since a position, counted up to `most`."""
    record = await read.fetch_one(_CHANGED, [str(position), most])
    return int(record[0]) if record else 0


@asynccontextmanager
async def sole_writer(url: str) -> AsyncIterator[bool]:
    """Yields whether this process is the one that may store a snapshot now.

    The lock lasts as long as its connection: a process that dies holds nothing.
    """
    connection: psycopg.AsyncConnection[Any] = await psycopg.AsyncConnection.connect(
        url, autocommit=True, connect_timeout=5, application_name="search_snapshot"
    )
    async with connection:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        record = await cursor.fetchone()
        yield bool(record and record[0])


def digests_of(files: Sequence[Path], known: Mapping[str, str]) -> dict[str, str]:
    """Digests of files by name. `known` are those of files that were there before.

    Only the list of segments has one name and several contents.
    """
    return {
        each.name: known[each.name] if each.name in known and each.name != META else digest_of(each)
        for each in files
    }


async def store_snapshot(database: Database, snapshot: SearchSnapshot, folder: Path) -> None:
    """Stores a snapshot in place of the earlier one of its form. Raises SnapshotDamaged.

    Files that the database has are not sent again: most of an index is older than its changes.
    """
    sizes = {file.digest: file.size_bytes for file in snapshot.files}
    async with database.read() as read:
        stored = await _sizes_of(read, sizes)
    for file in snapshot.files:
        if stored.get(file.digest) != file.size_bytes:
            await _store_file(database, folder / file.name, file.digest)
    async with database.tx() as tx:
        if await _sizes_of(tx, sizes) != sizes:
            raise SnapshotDamaged("another process deleted parts of the snapshot")
        await tx.upsert_many(SearchSnapshot, [snapshot])
        await tx.run(_DROP_OLD, [snapshot.form, tx.now - KEPT_FOR])
        await tx.run(_DROP_UNUSED)


async def _sizes_of(read: Read, sizes: Mapping[str, int]) -> dict[str, int]:
    return dict(await read.fetch(_SIZES, [sorted(sizes)]))


async def _store_file(database: Database, path: Path, digest: str) -> None:
    with path.open("rb") as file:
        number = 0
        # A file without content has one part, so that it is there.
        while (content := await asyncio.to_thread(file.read, PART_BYTES)) or not number:
            async with database.tx() as tx:
                part = SearchSnapshotPart(digest=digest, number=number, content=content)
                await tx.upsert_many(SearchSnapshotPart, [part])
            number += 1


async def load_snapshot(database: Database, snapshot: SearchSnapshot, folder: Path) -> None:
    """Writes the files of a snapshot into an empty folder. Raises SnapshotDamaged."""
    async with database.read() as read:
        connection = await read.connected()
        for file in snapshot.files:
            path, written, number = folder / file.name, 0, 0
            with path.open("wb") as target:
                while written < file.size_bytes:
                    cursor = await AsyncRawCursor(connection).execute(
                        _PART, [file.digest, number], binary=True
                    )
                    record = await cursor.fetchone()
                    if record is None:
                        raise SnapshotDamaged(f"{file.name} has no part {number}")
                    await asyncio.to_thread(target.write, record[0])
                    written, number = written + len(record[0]), number + 1
            if await asyncio.to_thread(digest_of, path) != file.digest:
                raise SnapshotDamaged(f"{file.name} has another content than it had")
    await asyncio.to_thread(finish_folder, folder)


async def drop_snapshot(database: Database, snapshot: SearchSnapshot) -> None:
    """Deletes a damaged snapshot, unless a later one took its place."""
    async with database.tx() as tx:
        await tx.run(_DROP, [snapshot.form, snapshot.position])
