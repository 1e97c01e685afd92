"""Opening of a stored snapshot as the search index of this process."""

import asyncio
import shutil
from pathlib import Path

import psycopg

from catalog import metrics
from catalog.channels.model import Channels
from catalog.search.index import SearchIndex
from catalog.search_snapshots.index_files import delete_with, make_folder
from catalog.search_snapshots.model import SearchSnapshot
from catalog.search_snapshots.store import SnapshotDamaged, drop_snapshot, load_snapshot
from chassis import telemetry
from chassis.data.database import Database
from chassis.rpc.errors import Unavailable

log = telemetry.log("snapshots")


async def open_index(
    database: Database, snapshot: SearchSnapshot, channels: Channels, parent: Path | None
) -> SearchIndex | None:
    """The index of a snapshot; None for one that is damaged, which is deleted.

    Raises Unavailable.
    """
    folder = await asyncio.to_thread(make_folder, parent)
    try:
        await load_snapshot(database, snapshot, folder)
        index = await asyncio.to_thread(SearchIndex, channels, folder)
        if index.size != snapshot.products:
            raise SnapshotDamaged("the index has another size than it had")
    except (Unavailable, psycopg.Error):
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        log.error("snapshot of the search index is damaged", exc_info=error)
        metrics.search_snapshots.labels("damaged").inc()
        await drop_snapshot(database, snapshot)
        return None
    delete_with(index, folder)
    return index
