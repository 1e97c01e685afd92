"""Indexing: filling this process's search index and keeping it fresh.

The index is opened from a snapshot where there is one, else built from the database. A product
that cannot be indexed is left out, listed as a skipped row, and tried again each minute; all
others are found.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
from sqlalchemy import BigInteger, Text, bindparam, cast, delete, func, select
from sqlmodel import col

from catalog import metrics
from catalog.categories.model import Category, CategoryTree
from catalog.channels.model import Channels
from catalog.directory import Directory
from catalog.listings.cards import Cards
from catalog.merchandising.queries import all_settings, settings_version
from catalog.products.model import Product, ProductChange, Xid8
from catalog.reservations.actions import CatalogContext
from catalog.search.fill_index import AT_ONCE, fill_index, put_products
from catalog.search.index import SearchIndex
from catalog.search.tuning import NO_WORDING, Tuning, Wording
from catalog.search_snapshots.form import form_of
from catalog.search_snapshots.index_files import delete_with, link_commit, make_folder
from catalog.search_snapshots.model import IndexedCategory, SearchSnapshot
from catalog.search_snapshots.open_index import open_index
from catalog.search_snapshots.store import usable_snapshot
from chassis import telemetry
from chassis.data.database import Database
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from chassis.rpc.errors import Unavailable

log = telemetry.log("indexing")
# How often products that were left out are tried again.
RETRY_SKIPPED_SECONDS = 60.0
_snapshot = func.pg_current_snapshot()
_FORGET_FUTURE = prepare(
    delete(ProductChange).where(col(ProductChange.xid) >= func.pg_snapshot_xmax(_snapshot))
)
_HORIZON = prepare(select(cast(cast(func.pg_snapshot_xmin(_snapshot), Text), BigInteger)))
_CHANGED = prepare(
    select(
        col(ProductChange.product_id), cast(cast(col(ProductChange.xid), Text), BigInteger)
    ).where(col(ProductChange.xid) >= cast(bindparam("since", type_=Text()), Xid8()))
)
_IN_CATEGORIES = prepare(select(col(Product.id)).where(one_of(Product.category_id, "category_ids")))


@dataclass(frozen=True, slots=True)
class Commit:
    """The index as it was at one moment; `files` keep it as long as they are wanted."""

    form: str
    position: int
    products: int
    categories: list[IndexedCategory]
    skipped: list[UUID]
    files: list[Path]


class Indexer:
    """Owns the search index of a process, and the cards of what it finds.

    `index` is another object after a rebuild.
    """

    def __init__(
        self,
        database: Database,
        directory: Directory,
        *,
        poll_seconds: float,
        retry_seconds: float = RETRY_SKIPPED_SECONDS,
        folder: Path | None = None,
        opens_snapshots: bool = True,
    ) -> None:
        """Files of the index are in `folder`; None for the folder of temporary files."""
        self._database, self._directory, self._poll_seconds, self._retry_seconds = (
            database,
            directory,
            poll_seconds,
            retry_seconds,
        )
        self._folder, self._opens_snapshots = folder, opens_snapshots
        # Held while the index changes, so that a commit is kept as a whole.
        self._changing = asyncio.Lock()
        self._skipped: set[UUID] = set()
        self._retried_at = 0.0
        self._index: SearchIndex | None = None
        self._shelves: CatalogContext | None = None
        self._is_running = False
        self._built = asyncio.Event()
        self._since = 0
        self._seen: dict[UUID, int] = {}
        self._changed = 0
        self._tuning: Tuning | None = None
        self.cards = Cards()

    @property
    def index(self) -> SearchIndex:
        """Raises Unavailable before the first build."""
        if self._index is None:
            raise Unavailable("the search index is being built", retry_after_seconds=1)
        return self._index

    @property
    def tuning(self) -> Tuning:
        """Settings of search as this replica knows them. Raises Unavailable before a build."""
        if self._tuning is None:
            raise Unavailable("the search index is being built", retry_after_seconds=1)
        return self._tuning

    def wording(self, locale: str) -> Wording:
        """Translations of attributes in a locale; none before a build."""
        return self._tuning.wording(locale) if self._tuning is not None else NO_WORDING

    @property
    def folder(self) -> Path | None:
        """The folder of indexes' folders; None for that of temporary files."""
        return self._folder

    @property
    def channels(self) -> Channels:
        """Channels as this replica knows them. Raises Unavailable before a build."""
        if self._shelves is None:
            raise Unavailable("the search index is being built", retry_after_seconds=1)
        return self._shelves.channels

    @property
    def is_built(self) -> bool:
        return self._built.is_set()

    async def until_built(self) -> None:
        """Waits for the first build, in a process that runs this; returns at once in any other."""
        if self._is_running:
            await self._built.wait()

    async def _build_somehow(self) -> None:
        """Builds the index through absences of the database.

        Another failure is tried again, and does not end the process.
        """
        while True:
            try:
                await self._build()
                self._built.set()
                return
            except (Unavailable, psycopg.Error):
                log.warning("waiting for the database to build the search index")
                await asyncio.sleep(0.5)
            except Exception as error:
                log.error("search index cannot be built yet", exc_info=error)
                await asyncio.sleep(2)

    async def run(self) -> None:
        """Builds the index and keeps it fresh until cancelled, through absences of the database."""
        self._is_running = True
        await self._build_somehow()
        while True:
            await asyncio.sleep(self._poll_seconds)
            try:
                await self.refresh()
            except (Unavailable, psycopg.Error):
                continue
            except Exception as error:
                # An index whose writer failed takes nothing more: another one does.
                log.error("search index failed and is built anew", exc_info=error)
                await self._build_somehow()

    async def _build(self) -> None:
        async with self._database.tx() as tx:
            # A restored database may hold the transaction ids of its former server, which here lie
            # in the future.
            await tx.execute(_FORGET_FUTURE)
        async with self._changing:
            if not await self._open_snapshot():
                await self._build_anew()
        metrics.search_products.set(self.index.size)
        metrics.search_checked.set(time.time())

    async def _open_snapshot(self) -> bool:
        """Opens the stored snapshot and brings in what changed since; False where none is good."""
        if not self._opens_snapshots:
            return False
        began = time.perf_counter()
        async with self._database.read() as read:
            context = await self._directory.refresh(read)
            snapshot = await usable_snapshot(read, form_of(context.channels))
        if snapshot is None:
            return False
        index = await open_index(self._database, snapshot, context.channels, self._folder)
        if index is None:
            return False
        async with self._database.read() as read:
            tuning = Tuning(await all_settings(read), context.channels, index.analyses)
            self._start_from(index, snapshot, context, tuning)
            changed = self._changed
            if not await self._bring_in_changes(read):
                return False
        metrics.search_snapshots.labels("opened").inc()
        log.info(
            "search index opened from a snapshot",
            products=index.size,
            changed=self._changed - changed,
            after_seconds=round(time.perf_counter() - began, 2),
        )
        return True

    def _start_from(
        self, index: SearchIndex, snapshot: SearchSnapshot, context: CatalogContext, tuning: Tuning
    ) -> None:
        tree = CategoryTree(0, [_category(each) for each in snapshot.categories])
        self._index, self._tuning = index, tuning
        self._shelves = CatalogContext(context.channels, tree)
        self._since, self._seen, self._skipped = snapshot.position, {}, {*snapshot.skipped}
        self.cards.forget_all()

    async def _build_anew(self) -> None:
        began = time.perf_counter()
        folder = await asyncio.to_thread(make_folder, self._folder)
        async with self._database.read() as read:
            # The horizon first: a category that comes after the tree was read comes with products
            # that the next look finds.
            since = await _horizon(read)
            context = await self._directory.refresh(read)
            index = await asyncio.to_thread(SearchIndex, context.channels, folder)
            delete_with(index, folder)
            tuning = Tuning(await all_settings(read), context.channels, index.analyses)
            skipped = await fill_index(index, read, context)
        self._since, self._seen = since, {}
        self._index, self._shelves, self._skipped = index, context, skipped
        self._tuning = tuning
        self.cards.forget_all()
        log.info(
            "search index built",
            products=index.size,
            after_seconds=round(time.perf_counter() - began, 2),
        )

    async def keep_commit(self, folder: Path) -> Commit | None:
        """Keeps the files of the last commit in a folder; None before the first build."""
        async with self._changing:
            index, context = self._index, self._shelves
            if index is None or context is None or index.folder is None:
                return None
            files = await asyncio.to_thread(link_commit, index.folder, folder)
            return Commit(
                form_of(context.channels),
                self._since,
                index.size,
                [
                    IndexedCategory(each.id, each.parent_id, each.slug, each.name)
                    for each in context.tree.by_id.values()
                ],
                sorted(self._skipped),
                files,
            )

    async def refresh(self) -> None:
        """Brings in what changed since the last look.

        Rows of `product_change` carry the transaction that wrote them. All transactions below the
        snapshot's horizon have ended, so the next look begins there: what commits late is never
        missed, and what was seen twice is done once.
        """
        async with self._changing, self._database.read() as read:
            has_new_channels = not await self._bring_in_changes(read)
        if has_new_channels:
            await self._build()

    async def _bring_in_changes(self, read: Read) -> bool:
        """Puts changed products into the index.

        Returns False, with the index as it was, where channels changed: it is to be built anew.
        """
        horizon = await _horizon(read)
        changed: dict[UUID, int] = dict(await read.all(_CHANGED, since=str(self._since)))
        # The tree after the changes, so that it has the categories of every product among them.
        context = await self._directory.refresh(read)
        if not self.index.covers(context.channels):
            return False
        fresh = {
            product_id for product_id, xid in changed.items() if self._seen.get(product_id) != xid
        }
        fresh |= await _in_renamed(
            read, self._shelves.tree if self._shelves else context.tree, context.tree
        )
        fresh |= self._due_again()
        are_known = self._shelves is not None and context.channels is self._shelves.channels
        if self.tuning.version != await settings_version(read) or not are_known:
            settings = await all_settings(read)
            self._tuning = Tuning(settings, context.channels, self.index.analyses)
            self.index.generation += 1
        if fresh:
            self.cards.forget(fresh)
            await self._put(read, context, sorted(fresh))
            self._changed += len(fresh)
        self._since, self._seen, self._shelves = horizon, changed, context
        metrics.search_checked.set(time.time())
        return True

    def _due_again(self) -> set[UUID]:
        if not self._skipped or time.monotonic() - self._retried_at < self._retry_seconds:
            return set()
        self._retried_at = time.monotonic()
        return set(self._skipped)

    async def _put(self, read: Read, context: CatalogContext, product_ids: Sequence[UUID]) -> None:
        with metrics.search_refresh_seconds.time():
            for start in range(0, len(product_ids), AT_ONCE):
                batch = product_ids[start : start + AT_ONCE]
                self._skipped = (self._skipped - {*batch}) | await put_products(
                    self.index, read, context, batch, replaced=batch
                )
            await asyncio.to_thread(self.index.commit)
        metrics.search_products.set(self.index.size)


async def _horizon(read: Read) -> int:
    """Below it, every transaction has ended."""
    return await read.one(_HORIZON) or 0


async def _in_renamed(read: Read, before: CategoryTree, after: CategoryTree) -> set[UUID]:
    """Products in categories whose own name, or that of one above them, is another now."""
    if before is after:
        return set()
    renamed = [
        category.id
        for category in after.in_order
        if category.id in before.by_id
        and [(c.slug, c.name) for c in before.way_to(category.id)]
        != [(c.slug, c.name) for c in after.way_to(category.id)]
    ]
    if not renamed:
        return set()
    return {*await read.all(_IN_CATEGORIES, category_ids=renamed)}


def _category(indexed: IndexedCategory) -> Category:
    return Category(
        id=indexed.id,
        slug=indexed.slug,
        name=indexed.name,
        parent_id=indexed.parent_id,
        position=0,
        path="",
    )
