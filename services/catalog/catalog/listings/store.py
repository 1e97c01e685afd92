"""Writes of stored texts and offers of products."""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from catalog.listings.model import Listing, ListingOffer, ListingText
from chassis.data.rows import columns_of
from chassis.data.statements import columns_sql
from chassis.data.tx import Tx

_STORE_OFFERS: Final = (
    f"INSERT INTO listing_offer ({columns_sql(ListingOffer)})"
    " SELECT product_id, channel, currency, category_id, price_minor, availability, "
    "string_to_array(facets, E'\\x1f'), page_part, card_part,"
    " layout"
    " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::bigint[], %s::text[], "
    "%s::text[], %s::bytea[], %s::bytea[],"
    f" %s::smallint[]) AS p ({columns_sql(ListingOffer)})"
    " ON CONFLICT (product_id, channel, currency) DO UPDATE SET category_id = "
    "excluded.category_id, price_minor = excluded.price_minor,"
    " availability = excluded.availability, facets = excluded.facets, page_part = "
    "excluded.page_part, card_part = excluded.card_part,"
    " layout = excluded.layout"
)
_DROP_LISTINGS: Final = (
    "DELETE FROM listing d WHERE d.product_id = ANY(%s) AND NOT EXISTS (SELECT FROM "
    "unnest(%s::uuid[], %s::text[])"
    " AS k (product_id, channel) WHERE k.product_id = d.product_id AND k.channel = d.channel)"
)
_DROP_TEXTS: Final = (
    "DELETE FROM listing_text d WHERE d.product_id = ANY(%s) AND NOT EXISTS (SELECT FROM "
    "unnest(%s::uuid[], %s::text[], %s::text[])"
    " AS k (product_id, channel, locale) WHERE k.product_id = d.product_id AND k.channel = "
    "d.channel AND k.locale = d.locale)"
)
_DROP_OFFERS: Final = (
    "DELETE FROM listing_offer d WHERE d.product_id = ANY(%s) AND NOT EXISTS (SELECT FROM "
    "unnest(%s::uuid[], %s::text[], %s::text[])"
    " AS k (product_id, channel, currency) WHERE k.product_id = d.product_id AND k.channel = "
    "d.channel AND k.currency = d.currency)"
)


async def store_texts(tx: Tx, texts: Sequence[ListingText]) -> None:
    """Writes texts in place of earlier ones. The products must be locked."""
    await tx.upsert_many(ListingText, texts)


async def store_offers(tx: Tx, offers: Sequence[ListingOffer]) -> None:
    """Writes offers in place of earlier ones. The products must be locked."""
    if not offers:
        return
    columns = {
        name: [getattr(offer, name) for offer in offers] for name in columns_of(ListingOffer)
    }
    # An array of arrays must be rectangular: facets travel joined by a character that no name or
    # value has.
    columns["facets"] = ["\x1f".join(facets) for facets in columns["facets"]]
    await tx.run(_STORE_OFFERS, list(columns.values()))


async def drop_others(
    tx: Tx,
    product_ids: Sequence[UUID],
    texts: Sequence[ListingText],
    offers: Sequence[ListingOffer],
) -> None:
    """Deletes stored parts of products that are unpublished or not priced in a currency."""
    text_keys = _columns([[text.product_id, text.channel, text.locale] for text in texts])
    offer_keys = _columns([[offer.product_id, offer.channel, offer.currency] for offer in offers])
    await tx.run(_DROP_TEXTS, [list(product_ids), *text_keys])
    await tx.run(_DROP_OFFERS, [list(product_ids), *offer_keys])


def _columns(keys: list[list[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*keys, strict=True)] or [[], [], []]


async def keep_listings(
    tx: Tx, product_ids: Sequence[UUID], offered: Iterable[tuple[UUID, str]]
) -> None:
    """Records the channels that offer products from now on; earlier ones keep their time."""
    pairs = sorted(offered)
    await tx.run(
        _DROP_LISTINGS,
        [
            list(product_ids),
            [product_id for product_id, _ in pairs],
            [channel for _, channel in pairs],
        ],
    )
    listed = [
        Listing(product_id=product_id, channel=channel, listed_at=tx.now)
        for product_id, channel in pairs
    ]
    await tx.upsert_many(Listing, listed, update=())
