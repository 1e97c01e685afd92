"""Keeping of snapshots: each replica looks whether one is due, and one of them stores it."""

import asyncio
import shutil
from datetime import timedelta
from typing import Final

from catalog import metrics
from catalog.search.indexer import Commit, Indexer
from catalog.search_snapshots.form import form_of
from catalog.search_snapshots.index_files import make_folder
from catalog.search_snapshots.model import SearchSnapshot, SnapshotFile
from catalog.search_snapshots.store import (
    count_changes,
    digests_of,
    server_of,
    sole_writer,
    store_snapshot,
    usable_snapshot,
)
from chassis import telemetry
from chassis.data.database import Database
from chassis.runtime.loops import run_periodically

log = telemetry.log("snapshots")
_LOOK_SECONDS: Final = 10.0
# Of all products. A start brings in no more changes than in about half a minute, and a large index
# is not sent again for a few of them.
_LEAST_SHARE: Final = 0.02


class SnapshotKeeper:
    """Stores the index of this replica once enough has changed since the stored one."""

    def __init__(
        self,
        database: Database,
        url: str,
        indexer: Indexer,
        *,
        after_changes: int,
        every_seconds: float,
    ) -> None:
        self._database, self._url, self._indexer = database, url, indexer
        self._after_changes, self._every = after_changes, timedelta(seconds=every_seconds)
        self._digests: dict[str, str] = {}

    async def run(self) -> None:
        """Looks and stores until cancelled."""
        await run_periodically(
            self.store_if_due,
            every_seconds=_LOOK_SECONDS,
            name="snapshot of the search index",
            waits_first=True,
        )

    async def store_if_due(self) -> bool:
        """Stores a snapshot if one is due. Returns whether it did."""
        if not self._indexer.is_built or not await self._is_due():
            return False
        async with sole_writer(self._url) as is_writer:
            # Another replica may have stored one since the look.
            if not is_writer or not await self._is_due():
                return False
            folder = await asyncio.to_thread(make_folder, self._indexer.folder)
            try:
                commit = await self._indexer.keep_commit(folder / "commit")
                if commit is None:
                    return False
                await self._store(commit)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return True

    async def _is_due(self) -> bool:
        size = self._indexer.index.size
        least = max(self._after_changes, int(size * _LEAST_SHARE))
        async with self._database.read() as read:
            stored = await usable_snapshot(read, form_of(self._indexer.channels))
            if stored is None:
                return size >= self._after_changes
            if read.clock.now() - stored.taken_at < self._every:
                return False
            return await count_changes(read, stored.position, most=least) >= least

    async def _store(self, commit: Commit) -> None:
        digests = await asyncio.to_thread(digests_of, commit.files, self._digests)
        files = [
            SnapshotFile(each.name, digests[each.name], each.stat().st_size)
            for each in commit.files
        ]
        async with self._database.read() as read:
            snapshot = SearchSnapshot(
                form=commit.form,
                server=await server_of(read),
                position=commit.position,
                products=commit.products,
                files=files,
                categories=commit.categories,
                skipped=commit.skipped,
                taken_at=read.now,
            )
        await store_snapshot(self._database, snapshot, commit.files[0].parent)
        self._digests = digests
        metrics.search_snapshots.labels("stored").inc()
        log.info(
            "snapshot of the search index stored",
            products=commit.products,
            mebibytes=round(sum(file.size_bytes for file in files) / 2**20, 1),
        )
