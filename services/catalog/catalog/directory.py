"""Channels and the category tree, cached by each process: small, hot and rarely changed."""

import time
from typing import Final
from uuid import UUID

from sqlmodel import select

from catalog.categories.model import Category, CategoryTree, CategoryTreeVersion, tree
from catalog.channels.model import ChannelSet, all_channels
from catalog.reservations.actions import CatalogContext
from chassis.data.statements import prepare
from chassis.data.tx import Read

# A process that follows changes looks more often; this bounds the age in one that does not.
_MAX_AGE_SECONDS: Final = 5.0
_CHANNELS_AGE_SECONDS: Final = 30.0
_MISS_AGE_SECONDS: Final = 0.1


_VERSIONS: Final = prepare(select(CategoryTreeVersion.version, ChannelSet.version))


async def _versions(read: Read) -> tuple[int, int]:
    """Returns the versions of the tree and of the channels."""
    return await read.one(_VERSIONS) or (0, 0)


class Directory:
    """The cached channels and tree.

    Nothing in it is authoritative: it can be dropped at any moment.
    """

    def __init__(self) -> None:
        self._shelves: CatalogContext | None = None
        self._looked_at = 0.0
        self._channels_at = 0.0

    async def context(self, read: Read) -> CatalogContext:
        """Returns the cached context, after a look at the database if the last one is long ago."""
        if self._shelves is None or time.monotonic() - self._looked_at > _MAX_AGE_SECONDS:
            return await self.refresh(read)
        return self._shelves

    async def refresh(self, read: Read) -> CatalogContext:
        """Reloads what changed: the tree and the channels by their versions.

        Channels are also reloaded by their age, as an operator may have changed a row by hand.
        """
        now = time.monotonic()
        known = self._shelves
        tree_version, channels_version = await _versions(read)
        is_young = now - self._channels_at < _CHANNELS_AGE_SECONDS
        channels = known.channels if known and is_young else None
        if channels is None or channels.version != channels_version:
            channels, self._channels_at = await all_channels(read), now
            if known and known.channels.all == channels.all:
                known.channels.version, channels = channels.version, known.channels
        if known is None or known.tree.version != tree_version:
            known = CatalogContext(channels, await tree(read))
        elif known.channels is not channels:
            known = CatalogContext(channels, known.tree)
        self._shelves, self._looked_at = known, now
        return known

    async def category(self, read: Read, slug: str) -> tuple[CatalogContext, Category]:
        """The category of a slug; one that is not cached is looked for in the database.

        Raises CategoryNotFound.
        """
        context = await self.context(read)
        if (
            slug not in context.tree.by_slug
            and time.monotonic() - self._looked_at > _MISS_AGE_SECONDS
        ):
            context = await self.refresh(read)
        return context, context.tree.get(slug)

    async def knowing(self, read: Read, category_id: UUID) -> CategoryTree:
        """A tree that has the category, where there is one."""
        context = await self.context(read)
        if category_id.int and category_id not in context.tree.by_id:
            context = await self.refresh(read)
        return context.tree
