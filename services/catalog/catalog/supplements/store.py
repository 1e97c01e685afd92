"""Writes of supplements, with the part that the page's query appends."""

from typing import Final

from catalog.supplements.model import PageSupplement, mean_of
from chassis.data.tx import Tx
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1.ratings_pb2 import ProductRating
from sojourn.catalog.v1.review_events_pb2 import PageSupplementChanged

_MOST_SHOWN: Final = 24
_RELATIONS: Final = tuple(
    (name.removeprefix("PRODUCT_RELATION_").lower(), pb.ProductRelation.Value(name))
    for name in pb.ProductRelation.keys()[1:]
)


def encode_rating(supplement: PageSupplement) -> ProductRating:
    return ProductRating(
        count=sum(supplement.histogram),
        average=mean_of(supplement.histogram),
        histogram=supplement.histogram,
    )


def encode_supplement(supplement: PageSupplement) -> bytes:
    """Returns the part of the page; empty where there is nothing to show."""
    page = pb.Product()
    if any(supplement.histogram):
        page.rating.CopyFrom(encode_rating(supplement))
    for name, relation in _RELATIONS:
        by_hand, added = supplement.related.get(name, []), supplement.computed.get(name, [])
        if by_hand or added:
            # Whoever answers the page puts the cards of its view in their place.
            ids = list(dict.fromkeys((*by_hand, *added)))[:_MOST_SHOWN]
            cards = [pb.ProductCard(id=str(product_id)) for product_id in ids]
            page.related.add(relation=relation, products=cards)
    return page.SerializeToString()


async def save_supplement(tx: Tx, supplement: PageSupplement) -> None:
    """Writes a locked supplement and announces it; gateways drop the page then."""
    supplement.page_part = encode_supplement(supplement)
    await tx.update(supplement)
    await tx.emit(
        PageSupplementChanged(product_id=str(supplement.product_id), version=supplement.version),
        key=f"page_supplement:{supplement.product_id}",
    )
