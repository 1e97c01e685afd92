"""Selected products: what the merchandising rules of one query or listing say together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from catalog.listings.facets import token
from catalog.merchandising.model import Selector


@dataclass(frozen=True, slots=True)
class Merchandising:
    """Products that come first in order, before others, after all others, and not at all."""

    pinned: tuple[UUID, ...] = ()
    boosted: tuple[Selector, ...] = ()
    buried: tuple[Selector, ...] = ()
    hidden: tuple[Selector, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.pinned or self.boosted or self.buried or self.hidden)


NO_MERCHANDISING: Final = Merchandising()


def tokens_of(selectors: Sequence[Selector]) -> tuple[list[UUID], list[str]]:
    """Products and facet tokens that selectors name."""
    ids = [each.product_id for each in selectors if each.product_id is not None]
    facets = [token(each.facet, each.value) for each in selectors if each.product_id is None]
    return ids, facets
