"""Recommendations: what is related to what a visitor looked at, and the newest products."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from catalog.channels.model import View
from catalog.listings import model as listings
from catalog.listings.facets import Filters
from catalog.listings.model import Sort
from catalog.related.model import ProductRelation
from catalog.supplements.model import PageSupplement, supplements_of
from chassis.data.tx import Read

USUAL_RECOMMENDED: Final = 8
# What people bought says more than what staff suppose.
_WEIGHTS: Final = {
    ProductRelation.BOUGHT_TOGETHER: 3.0,
    ProductRelation.CROSS_SELL: 2.0,
    ProductRelation.SUBSTITUTE: 2.0,
    ProductRelation.ACCESSORY: 1.5,
    ProductRelation.UP_SELL: 1.5,
}
_OF_SLUGS: Final = (
    "SELECT DISTINCT slug, product_id FROM listing_text WHERE slug = ANY (%s) AND channel = %s"
)


async def products_of_slugs(read: Read, view: View, slugs: Sequence[str]) -> list[UUID]:
    """Products that a channel offers under slugs, in the order of these, each once."""
    asked = [slug for slug in dict.fromkeys(slugs) if slug]
    if not asked:
        return []
    known = dict(await read.fetch(_OF_SLUGS, [asked, view.channel]))
    return list(dict.fromkeys(known[slug] for slug in asked if slug in known))


async def recommend_products(
    read: Read, view: View, looked_at: Sequence[UUID], *, most: int
) -> list[UUID]:
    """Returns products to recommend, best first; some may not be in the view.

    `looked_at` are products, the latest first: each next one counts less.
    """
    supplements = await supplements_of(read, list(looked_at)) if looked_at else {}
    scores: defaultdict[UUID, float] = defaultdict(float)
    for place, product_id in enumerate(looked_at):
        if supplement := supplements.get(product_id):
            _add_scores(scores, supplement, 1 / (1 + place))
    found = sorted(
        (each for each in scores if each not in looked_at),
        key=lambda each: (-scores[each], each),
    )
    # Some of them are not offered in the view: the newest ones fill their places.
    newest = await listings.entries(
        read,
        view,
        category_ids=None,
        sort=Sort.NEWEST,
        filters=Filters(),
        after=None,
        size=most + len(looked_at),
    )
    filling = (entry.product_id for entry in newest if entry.product_id not in looked_at)
    return list(dict.fromkeys((*found, *filling)))


def _add_scores(
    scores: defaultdict[UUID, float], supplement: PageSupplement, weight: float
) -> None:
    for relation, relation_weight in _WEIGHTS.items():
        by_hand = supplement.related.get(relation.value, [])
        added = supplement.computed.get(relation.value, [])
        for rank, related_id in enumerate(dict.fromkeys((*by_hand, *added))):
            scores[related_id] += weight * relation_weight / (1 + rank)
