"""Republishing: rewriting stored pages and cards that are as they should not be any more."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlmodel import col, select

from catalog.categories.model import tree
from catalog.channels.model import all_channels
from catalog.listings.model import ListingOffer
from catalog.listings.publish import publish_changed
from catalog.listings.republishing import claim_round, finish_round
from catalog.products.model import Product
from chassis.data.database import Database
from chassis.data.isolation import Loop, handle_isolated
from chassis.data.statements import Prepared, prepare
from chassis.runtime.loops import run_periodically

_LOOP: Final = Loop("republishing")
_AT_ONCE: Final = 250
_OUTDATED_SECONDS: Final = 10
_CHANNELS_SECONDS: Final = 1
_NEXT: Final = prepare(
    select(Product.id)
    .where(col(Product.id) > bindparam("last"), col(Product.deleted_at).is_(None))
    .order_by(col(Product.id))
    .limit(_AT_ONCE)
)
# As the partial index says it.
_OUTDATED: Final = prepare(
    select(ListingOffer.product_id)
    .where(text("layout < 1"), col(ListingOffer.product_id) > bindparam("last"))
    .distinct()
    .order_by(col(ListingOffer.product_id))
    .limit(_AT_ONCE)
)


async def republish_next(database: Database, last: UUID) -> list[UUID]:
    """Rewrites the stored pages of the products that follow `last`.

    Returns their ids in order; none at the end.
    """
    return (await _republish_batch(database, _NEXT, last))[0]


async def republish_outdated(database: Database) -> int:
    """Rewrites the stored pages that an older release wrote.

    Returns how many products it rewrote.
    """
    done, last = 0, UUID(int=0)
    while True:
        product_ids, skipped = await _republish_batch(database, _OUTDATED, last)
        if not product_ids:
            return done
        done, last = done + len(product_ids) - skipped, product_ids[-1]


async def republish_for_channels(database: Database) -> int:
    """Rewrites all stored pages where channels changed, a batch at a time.

    Returns how many products it rewrote. A stop at any line loses nothing: the next process goes on
    with the batch that was not done.
    """
    done = 0
    while True:
        async with database.tx() as tx:
            part = await claim_round(tx)
        if part is None:
            return done
        product_ids, skipped = await _republish_batch(database, _NEXT, part.last)
        async with database.tx() as tx:
            await finish_round(tx, part, product_ids[-1] if product_ids else None)
        done += len(product_ids) - skipped


async def keep_republished(database: Database) -> None:
    """Rewrites parts of an older release until cancelled: in a rolling upgrade it still writes."""
    await run_periodically(
        lambda: republish_outdated(database),
        every_seconds=_OUTDATED_SECONDS,
        name="republishing of outdated pages",
    )


async def follow_channels(database: Database) -> None:
    """Rewrites stored pages after changes of channels until cancelled."""
    await run_periodically(
        lambda: republish_for_channels(database),
        every_seconds=_CHANNELS_SECONDS,
        name="republishing for channels",
    )


async def _republish_batch(
    database: Database, batch: Prepared[UUID], last: UUID
) -> tuple[list[UUID], int]:
    """Rewrites a batch of products without those that cannot be rewritten.

    Returns the ids of the batch, and how many were skipped.
    """
    async with database.read() as read:
        product_ids = await read.all(batch, last=last)

    async def republish(some: Sequence[UUID]) -> None:
        async with database.tx() as tx:
            await publish_changed(tx, await all_channels(tx), await tree(tx), some)

    return product_ids, len(await handle_isolated(product_ids, republish, loop=_LOOP, key=str))
