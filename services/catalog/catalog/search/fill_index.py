"""Filling: products of the database as entries of a search index."""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from catalog.listings.model import Listing
from catalog.reservations.actions import CatalogContext
from catalog.search.documents import Findable
from catalog.search.findables import load_findables
from catalog.search.index import SearchIndex
from chassis.data import isolation
from chassis.data.statements import prepare
from chassis.data.tx import Read

AT_ONCE: Final = 1_000
_LOOP: Final = isolation.Loop("search_index")
_LISTED_AFTER: Final = prepare(
    select(col(Listing.product_id))
    .distinct()
    .where(col(Listing.product_id) > bindparam("last"))
    .order_by(col(Listing.product_id))
    .limit(AT_ONCE)
)


async def fill_index(index: SearchIndex, read: Read, context: CatalogContext) -> set[UUID]:
    """Puts all listed products into an empty index. Returns those that were left out."""
    last, skipped = UUID(int=0), set[UUID]()
    while product_ids := await read.all(_LISTED_AFTER, last=last):
        skipped |= await put_products(index, read, context, product_ids, replaced=())
        last = product_ids[-1]
    await asyncio.to_thread(index.commit)
    return skipped


async def put_products(
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
        found.extend(await load_findables(read, context, ids))

    unreadable = await isolation.handle_isolated(product_ids, load, loop=_LOOP, key=str)
    failed = await asyncio.to_thread(index.put, replaced, found)
    for product_id, error in failed.items():
        _LOOP.skip(product_id, error)
    return {*unreadable, *failed}
