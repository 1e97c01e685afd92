"""Stored parts of product pages and cards, and the queries that answer listings from them.

A page is stored in two parts: the one that depends on the language and the one that depends on the currency. Serialized messages that
follow each other merge, so an answer is the two put together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from catalog.availability import Availability
from catalog.channels import View
from catalog.facets import Filters, token
from chassis.data.tx import Read, Tx
from chassis.rpc.errors import InvalidPageToken

_LAST_ID: Final = UUID(int=2**128 - 1)
_FIRST_ID: Final = UUID(int=0)
_MOST_MINOR: Final = 2**62


class Sort(StrEnum):
    NEWEST = "newest"
    TITLE = "title"
    PRICE = "price"
    PRICE_DOWN = "-price"


@dataclass(frozen=True, slots=True)
class TextPart:
    """What a product shows in one channel and language."""

    channel: str
    locale: str
    product_id: UUID
    category_id: UUID
    slug: str
    title: str
    title_key: str
    page_part: bytes
    card_part: bytes


@dataclass(frozen=True, slots=True)
class OfferPart:
    """What a product costs in one channel and currency, and whether it can be had."""

    channel: str
    currency: str
    product_id: UUID
    category_id: UUID
    price_minor: int
    availability: Availability
    facets: list[str]
    page_part: bytes
    card_part: bytes


class Entry(NamedTuple):
    """A product in a listing, with what it sorts by."""

    product_id: UUID
    key: str | int | None


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A product page but for what the category tree says."""

    category_id: UUID
    page: bytes


async def page_of(read: Read, view: View, product_id: UUID) -> StoredPage | None:
    """One product, by its id."""
    record = await read.fetch_one(_PAGE_BY_ID, [product_id, view.channel, view.locale, view.currency])
    return StoredPage(*record[1:]) if record else None


async def pages_of(read: Read, view: View, slugs: Sequence[str]) -> dict[str, StoredPage]:
    """Products by their slugs."""
    records = await read.fetch(_PAGES_BY_SLUG, [list(slugs), view.channel, view.locale, view.currency])
    return {slug: StoredPage(*rest) for slug, *rest in records}


async def cards_of(read: Read, view: View, product_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Cards of the products that the view offers, by id."""
    if not product_ids:
        return {}
    records = await read.fetch(_CARDS, [list(product_ids), view.channel, view.locale, view.currency])
    return {product_id: text + offer for product_id, text, offer in records}


async def entries(
    read: Read, view: View, *, category_ids: Sequence[UUID] | None, sort: Sort, filters: Filters, after: Sequence[Any] | None, size: int
) -> list[Entry]:
    """The next `size` products of some categories (None for all and none), after the keyset position (key, id) of the last one seen.

    Each category is read in the order of its index and gives at most `size`: the cost does not grow with the catalogue.
    Raises InvalidPageToken if the position is not of this sort.
    """
    key, last_id = _position(sort, after)
    narrowed, values = _narrowed(filters)
    params = {
        "channel": view.channel, "locale": view.locale, "currency": view.currency, "categories": list(category_ids or ()),
        "key": key, "last_id": last_id, "size": size, **values,
    }  # fmt: skip
    statement = _ENTRIES[sort].replace("/*narrowed*/", narrowed)
    if category_ids is None:
        statement = (
            _ALL_NEWEST.replace("/*narrowed*/", narrowed) if sort is Sort.NEWEST else statement.replace(_GIVEN_CATEGORIES, _ALL_CATEGORIES)
        )
    records = await read.fetch(statement, params)  # type: ignore[arg-type,unused-ignore]
    return [Entry(*record) for record in records]


def position_after(entry: Entry) -> list[Any]:
    """What a page token holds to go on after `entry`."""
    return [entry.key, str(entry.product_id)]


def _position(sort: Sort, after: Sequence[Any] | None) -> tuple[Any, UUID]:
    if after is None:
        match sort:
            case Sort.NEWEST:
                return None, _LAST_ID
            case Sort.TITLE:
                return "", _FIRST_ID
            case Sort.PRICE:
                return -1, _FIRST_ID
            case Sort.PRICE_DOWN:
                return _MOST_MINOR, _LAST_ID
    key, last_id = after
    kinds = {Sort.NEWEST: type(None), Sort.TITLE: str, Sort.PRICE: int, Sort.PRICE_DOWN: int}
    if type(key) is not kinds[sort] or (isinstance(key, int) and abs(key) > _MOST_MINOR) or (isinstance(key, str) and "\x00" in key):
        raise InvalidPageToken("the page token is of another sort")
    try:
        return key, UUID(str(last_id))
    except ValueError as error:
        raise InvalidPageToken from error


def _narrowed(filters: Filters) -> tuple[str, dict[str, Any]]:
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for number, (name, chosen) in enumerate(filters.terms):
        conditions.append(f" AND o.facets && %(facet_{number})s::text[]")
        values[f"facet_{number}"] = [token(name, value) for value in chosen]
    if filters.prices:
        conditions.append(
            " AND EXISTS (SELECT FROM unnest(%(from_minor)s::bigint[], %(to_minor)s::bigint[]) AS r (low, high)"
            " WHERE o.price_minor >= r.low AND o.price_minor < r.high)"
        )
        values["from_minor"] = [min(each.from_minor, _MOST_MINOR) for each in filters.prices]
        values["to_minor"] = [_MOST_MINOR if each.to_minor is None else min(each.to_minor, _MOST_MINOR) for each in filters.prices]
    return "".join(conditions), values


async def store_texts(tx: Tx, parts: Sequence[TextPart]) -> None:
    """Writes parts in place of earlier ones. The products must be locked."""
    if not parts:
        return
    columns = [list(column) for column in zip(*(_values(part) for part in parts), strict=True)]
    await tx.run(_STORE_TEXTS, columns)


async def store_offers(tx: Tx, parts: Sequence[OfferPart]) -> None:
    """Writes parts in place of earlier ones. The products must be locked."""
    if not parts:
        return
    rows = [_values(part) for part in parts]
    for row in rows:
        # An array of arrays must be rectangular: facets travel joined by a character that no name or value has.
        row[6] = "\x1f".join(row[6])
    await tx.run(_STORE_OFFERS, [list(column) for column in zip(*rows, strict=True)])


def _values(part: TextPart | OfferPart) -> list[Any]:
    return [getattr(part, name) for name in type(part).__dataclass_fields__]


async def drop_others(tx: Tx, product_ids: Sequence[UUID], texts: Sequence[TextPart], offers: Sequence[OfferPart]) -> None:
    """Deletes stored parts of products that are none of these: what is no longer published, or not in a currency."""
    text_keys = _columns([[part.product_id, part.channel, part.locale] for part in texts])
    offer_keys = _columns([[part.product_id, part.channel, part.currency] for part in offers])
    await tx.run(_DROP_TEXTS, [list(product_ids), *text_keys])
    await tx.run(_DROP_OFFERS, [list(product_ids), *offer_keys])


def _columns(keys: list[list[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*keys, strict=True)] or [[], [], []]


async def keep_listings(tx: Tx, product_ids: Sequence[UUID], offered: Iterable[tuple[UUID, str]]) -> None:
    """Notes in which channels products are offered from now on; those that were there keep their time."""
    pairs = sorted(offered)
    listed = [[product_id for product_id, _ in pairs], [channel for _, channel in pairs]]
    await tx.run(
        "DELETE FROM listing d WHERE d.product_id = ANY(%s) AND NOT EXISTS (SELECT FROM unnest(%b::uuid[], %b::text[])"
        " AS k (product_id, channel) WHERE k.product_id = d.product_id AND k.channel = d.channel)",
        [list(product_ids), *listed],
    )
    await tx.run(
        "INSERT INTO listing (product_id, channel, listed_at) SELECT product_id, channel, %s"
        " FROM unnest(%b::uuid[], %b::text[]) AS k (product_id, channel) ON CONFLICT DO NOTHING",
        [tx.now, *listed],
    )


_PAGE: Final = (
    "SELECT t.slug, t.category_id, t.page_part || o.page_part FROM listing_text t"
    " JOIN listing_offer o ON o.product_id = t.product_id AND o.channel = t.channel"
    " WHERE /*which*/ AND t.channel = %s AND t.locale = %s AND o.currency = %s"
)
_PAGES_BY_SLUG: Final = _PAGE.replace("/*which*/", "t.slug = ANY(%s)")
_PAGE_BY_ID: Final = _PAGE.replace("/*which*/", "t.product_id = %s")
_CARDS: Final = (
    "SELECT t.product_id, t.card_part, o.card_part FROM listing_text t"
    " JOIN listing_offer o ON o.product_id = t.product_id AND o.channel = t.channel"
    " WHERE t.product_id = ANY(%s) AND t.channel = %s AND t.locale = %s AND o.currency = %s"
)
# Keys alone, in the order of an index.
_BY_OFFER: Final = (
    "SELECT e.product_id, e.key FROM unnest(%(categories)b::uuid[]) AS c (id) CROSS JOIN LATERAL ("
    " SELECT o.product_id, /*key*/ AS key FROM listing_offer o"
    " WHERE o.channel = %(channel)s AND o.currency = %(currency)s AND o.category_id = c.id AND /*after*/ /*narrowed*/"
    " ORDER BY /*order o*/ LIMIT %(size)s) e ORDER BY /*order e*/ LIMIT %(size)s"
)
# The primary key leads with the product: what is newest in the whole shop needs no look into each category.
_ALL_NEWEST: Final = (
    "SELECT o.product_id, NULL::bigint FROM listing_offer o"
    " WHERE o.channel = %(channel)s AND o.currency = %(currency)s AND o.product_id < %(last_id)s /*narrowed*/"
    " ORDER BY o.product_id DESC LIMIT %(size)s"
)
_GIVEN_CATEGORIES: Final = "unnest(%(categories)b::uuid[]) AS c (id)"
_ALL_CATEGORIES: Final = "(SELECT id FROM category UNION ALL SELECT '00000000-0000-0000-0000-000000000000') AS c (id)"
_BY_TITLE: Final = (
    "SELECT e.product_id, e.key FROM unnest(%(categories)b::uuid[]) AS c (id) CROSS JOIN LATERAL ("
    " SELECT t.product_id, t.title_key AS key FROM listing_text t JOIN listing_offer o ON o.product_id = t.product_id"
    "  AND o.channel = t.channel AND o.currency = %(currency)s"
    " WHERE t.channel = %(channel)s AND t.locale = %(locale)s AND t.category_id = c.id"
    "  AND (t.title_key, t.product_id) > (%(key)s::text, %(last_id)s) /*narrowed*/"
    " ORDER BY t.title_key, t.product_id LIMIT %(size)s) e ORDER BY e.key, e.product_id LIMIT %(size)s"
)


def _by_offer(*, key: str, after: str, direction: str) -> str:
    by_key = "" if key == "NULL::bigint" else "{}.key {}, "
    statement = _BY_OFFER.replace("/*key*/", key).replace("/*after*/", after)
    statement = statement.replace("/*order o*/", f"{by_key.format('o', direction).replace('o.key', key)}o.product_id {direction}")
    return statement.replace("/*order e*/", f"{by_key.format('e', direction)}e.product_id {direction}")


_ENTRIES: Final = {
    Sort.NEWEST: _by_offer(key="NULL::bigint", after="o.product_id < %(last_id)s", direction="DESC"),
    Sort.PRICE: _by_offer(key="o.price_minor", after="(o.price_minor, o.product_id) > (%(key)s::bigint, %(last_id)s)", direction="ASC"),
    Sort.PRICE_DOWN: _by_offer(
        key="o.price_minor", after="(o.price_minor, o.product_id) < (%(key)s::bigint, %(last_id)s)", direction="DESC"
    ),
    Sort.TITLE: _BY_TITLE,
}
_STORE_TEXTS: Final = (
    "INSERT INTO listing_text (channel, locale, product_id, category_id, slug, title, title_key, page_part, card_part)"
    " SELECT * FROM unnest(%b::text[], %b::text[], %b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::bytea[], %b::bytea[])"
    " ON CONFLICT (product_id, channel, locale) DO UPDATE SET category_id = excluded.category_id, slug = excluded.slug,"
    " title = excluded.title, title_key = excluded.title_key, page_part = excluded.page_part, card_part = excluded.card_part"
)
_STORE_OFFERS: Final = (
    "INSERT INTO listing_offer (channel, currency, product_id, category_id, price_minor, availability, facets, page_part, card_part)"
    " SELECT channel, currency, product_id, category_id, price_minor, availability, string_to_array(facets, E'\\x1f'), page_part, card_part"
    " FROM unnest(%b::text[], %b::text[], %b::uuid[], %b::uuid[], %b::bigint[], %b::text[], %b::text[], %b::bytea[], %b::bytea[])"
    " AS p (channel, currency, product_id, category_id, price_minor, availability, facets, page_part, card_part)"
    " ON CONFLICT (product_id, channel, currency) DO UPDATE SET category_id = excluded.category_id, price_minor = excluded.price_minor,"
    " availability = excluded.availability, facets = excluded.facets, page_part = excluded.page_part, card_part = excluded.card_part"
)
_DROP_TEXTS: Final = (
    "DELETE FROM listing_text d WHERE d.product_id = ANY(%s) AND NOT EXISTS (SELECT FROM unnest(%b::uuid[], %b::text[], %b::text[])"
    " AS k (product_id, channel, locale) WHERE k.product_id = d.product_id AND k.channel = d.channel AND k.locale = d.locale)"
)
_DROP_OFFERS: Final = (
    "DELETE FROM listing_offer d WHERE d.product_id = ANY(%s) AND NOT EXISTS (SELECT FROM unnest(%b::uuid[], %b::text[], %b::text[])"
    " AS k (product_id, channel, currency) WHERE k.product_id = d.product_id AND k.channel = d.channel AND k.currency = d.currency)"
)
