"""A cache of product cards beside the search index, and as fresh as it.

The indexer drops the cards of changed products.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from catalog.channels.model import View
from catalog.listings import model as listings
from chassis.caches import BoundedCache
from chassis.data.tx import Read

# A card has some hundred bytes in each view.
MOST_PRODUCTS: Final = 20_000
MOST_BYTES: Final = 48 * 1024 * 1024
# What a card takes beside its bytes.
_CARD_BYTES: Final = 150


class Cards:
    """Bounded in number and bytes; the products that were shown the longest time ago go first.

    It can be dropped at any moment.
    """

    def __init__(self, *, most: int = MOST_PRODUCTS, most_bytes: int = MOST_BYTES) -> None:
        self._known: BoundedCache[UUID, dict[View, bytes]] = BoundedCache(
            most_entries=most, most_bytes=most_bytes
        )
        self._forgotten = 0

    @property
    def size_bytes(self) -> int:
        """About how many bytes the cards take."""
        return self._known.size_bytes

    async def load(self, read: Read, view: View, product_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Returns cards of a view's products by id; one statement reads uncached ones."""
        known = self._known
        found = {
            id: card
            for id in product_ids
            if (views := known.get(id)) and (card := views.get(view)) is not None
        }
        missing = [id for id in product_ids if id not in found]
        if not missing:
            return found
        forgotten = self._forgotten
        read_now = await listings.cards_of(read, view, missing)
        # What changed while it was read may have been read as it was before.
        if forgotten == self._forgotten:
            self._keep(view, read_now)
        return found | read_now

    def forget(self, product_ids: Iterable[UUID]) -> None:
        """The products changed."""
        self._forgotten += 1
        for id in product_ids:
            self._known.discard(id)

    def forget_all(self) -> None:
        """Anything may have changed."""
        self._forgotten += 1
        self._known.clear()

    def _keep(self, view: View, cards: dict[UUID, bytes]) -> None:
        for id, card in cards.items():
            views = {**(self._known.get(id) or {}), view: card}
            self._known.put(id, views, sum(len(each) + _CARD_BYTES for each in views.values()))
