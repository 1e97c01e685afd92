"""Indexing: filling this process's search index from the database and keeping it fresh.

A product that cannot be indexed is left out, listed as a skipped row, and tried again each minute;
all others are found.
"""

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID

import psycopg
from sqlalchemy import BigInteger, Text, bindparam, cast, delete, func, select
from sqlmodel import col

from catalog import metrics
from catalog.categories.model import CategoryTree
from catalog.directory import Directory
from catalog.listings.cards import Cards
from catalog.listings.model import Listing, ListingOffer
from catalog.merchandising.queries import all_settings, settings_version
from catalog.products.model import Product, ProductChange, Variant, Xid8
from catalog.reservations.actions import CatalogContext
from catalog.search.findables import Offered, ProductTexts, make_findable
from catalog.search.index import Findable, SearchIndex
from catalog.search.tuning import NO_WORDING, Tuning, Wording
from chassis import telemetry
from chassis.data import isolation
from chassis.data.database import Database
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from chassis.rpc.errors import Unavailable

log = telemetry.log("indexing")
_AT_ONCE = 1_000
# How often products that were left out are tried again.
RETRY_SKIPPED_SECONDS = 60.0
_LOOP = isolation.Loop("search_index")
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
_LISTED_AFTER = prepare(
    select(col(Listing.product_id))
    .distinct()
    .where(col(Listing.product_id) > bindparam("last"))
    .order_by(col(Listing.product_id))
    .limit(_AT_ONCE)
)
_IN_CATEGORIES = prepare(select(col(Product.id)).where(one_of(Product.category_id, "category_ids")))
_TEXTS = prepare(
    select(
        col(Product.id),
        col(Product.title),
        col(Product.description),
        col(Product.brand),
        col(Product.tags),
        col(Product.category_id),
    ).where(one_of(Product.id, "product_ids"), col(Product.is_published))
)
_SKUS = prepare(
    select(col(Variant.product_id), func.array_agg(Variant.sku), func.array_agg(Variant.barcode))
    .where(one_of(Variant.product_id, "product_ids"), col(Variant.is_active))
    .group_by(col(Variant.product_id))
)
_OFFERS = prepare(
    select(
        col(ListingOffer.product_id), col(ListingOffer.channel), col(ListingOffer.currency),
        col(ListingOffer.price_minor),
        col(ListingOffer.availability), col(ListingOffer.facets),
    ).where(one_of(ListingOffer.product_id, "product_ids"))
)  # fmt: skip


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
    ) -> None:
        self._database, self._directory, self._poll_seconds, self._retry_seconds = (
            database,
            directory,
            poll_seconds,
            retry_seconds,
        )
        self._skipped: set[UUID] = set()
        self._retried_at = 0.0
        self._index: SearchIndex | None = None
        self._shelves: CatalogContext | None = None
        self._is_running = False
        self._built = asyncio.Event()
        self._since = 0
        self._seen: dict[UUID, int] = {}
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
        began = time.perf_counter()
        async with self._database.tx() as tx:
            # A restored database may hold the transaction ids of its former server, which here lie
            # in the future.
            await tx.execute(_FORGET_FUTURE)
        async with self._database.read() as read:
            # The horizon first: a category that comes after the tree was read comes with products
            # that the next look finds.
            self._since, self._seen = await _horizon(read), {}
            context = await self._directory.refresh(read)
            index = SearchIndex(context.channels)
            tuning = Tuning(await all_settings(read), context.channels, index.analyses)
            last, skipped = UUID(int=0), set[UUID]()
            while product_ids := await _listed_after(read, last):
                skipped |= await _put(index, read, context, product_ids, replaced=())
                last = product_ids[-1]
        await asyncio.to_thread(index.commit)
        self._index, self._shelves, self._skipped = index, context, skipped
        self._tuning = tuning
        self.cards.forget_all()
        metrics.search_products.set(index.size)
        metrics.search_checked.set(time.time())
        log.info(
            "search index built",
            products=index.size,
            after_seconds=round(time.perf_counter() - began, 2),
        )

    async def refresh(self) -> None:
        """Brings in what changed since the last look.

        Rows of `product_change` carry the transaction that wrote them. All transactions below the
        snapshot's horizon have ended, so the next look begins there: what commits late is never
        missed, and what was seen twice is done once.
        """
        async with self._database.read() as read:
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
            for start in range(0, len(product_ids), _AT_ONCE):
                batch = product_ids[start : start + _AT_ONCE]
                self._skipped = (self._skipped - {*batch}) | await _put(
                    self.index, read, context, batch, replaced=batch
                )
            await asyncio.to_thread(self.index.commit)
        metrics.search_products.set(self.index.size)


async def _put(
    index: SearchIndex,
    read: Read,
    context: CatalogContext,
    product_ids: Sequence[UUID],
    *,
    replaced: Sequence[UUID],
) -> set[UUID]:
    """Indexes products, in place of what is known of `replaced`.

    Returns those that were left out.
    """
    found: list[Findable] = []

    async def load(ids: Sequence[UUID]) -> None:
        found.extend(await _findables(read, context, ids))

    unreadable = await isolation.handle_isolated(product_ids, load, loop=_LOOP, key=str)
    failed = await asyncio.to_thread(index.put, replaced, found)
    for product_id, error in failed.items():
        _LOOP.skip(product_id, error)
    return {*unreadable, *failed}


async def _horizon(read: Read) -> int:
    """Below it, every transaction has ended."""
    return await read.one(_HORIZON) or 0


async def _listed_after(read: Read, last: UUID) -> list[UUID]:
    return await read.all(_LISTED_AFTER, last=last)


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


async def _findables(
    read: Read, context: CatalogContext, product_ids: Sequence[UUID]
) -> list[Findable]:
    """Returns the searchable forms of products, one per channel that offers them."""
    asked = list(product_ids)
    texts = {
        record[0]: ProductTexts(*record[1:]) for record in await read.all(_TEXTS, product_ids=asked)
    }
    codes: dict[UUID, list[str]] = {
        product_id: [*skus, *filter(None, barcodes)]
        for product_id, skus, barcodes in await read.all(_SKUS, product_ids=asked)
    }
    offers: dict[tuple[UUID, str], list[Offered]] = {}
    for product_id, channel, *offer in await read.all(_OFFERS, product_ids=asked):
        offers.setdefault((product_id, channel), []).append(Offered(*offer))
    return [
        make_findable(
            product_id,
            context.channels.by_code[channel],
            context.tree,
            texts[product_id],
            offered,
            codes.get(product_id, []),
        )
        for (product_id, channel), offered in offers.items()
        if product_id in texts and channel in context.channels.by_code
    ]
