"""Stored parts of product pages and cards, and the queries that answer listings from them.

A page is stored in two parts: the one that depends on the language and the one that depends on the
currency. Serialized messages that follow each other merge, so an answer is the two put together,
and a supplement for what stands beside the product, where it has one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Index, SmallInteger, Text, and_, bindparam, func, text
from sqlmodel import col, select

from catalog.channels.model import View
from catalog.listings.facets import Filters, token
from catalog.supplements.model import PageSupplement
from chassis.data.rows import Field, Row, code, column, minor, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from chassis.line_item import Availability
from chassis.rpc.errors import InvalidPageToken

_LAST_ID: Final = UUID(int=2**128 - 1)
_FIRST_ID: Final = UUID(int=0)
_MOST_MINOR: Final = 2**62


class Sort(StrEnum):
    NEWEST = "newest"
    TITLE = "title"
    PRICE_ASCENDING = "price_ascending"
    PRICE_DESCENDING = "price_descending"


class Listing(Row, table=True):
    """A product that a channel offers, since when."""

    __tablename__ = "listing"

    product_id: UUID = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    listed_at: datetime


class ListingText(Row, table=True):
    """The parts of a product's page and card in one channel that depend on the language."""

    __tablename__ = "listing_text"
    __table_args__ = (
        Index("listing_text_slug", "slug", "channel", "locale", unique=True),
        Index(
            "listing_text_by_title", "channel", "locale", "category_id", "title_key", "product_id"
        ),
    )

    product_id: UUID = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    locale: str = Field(primary_key=True)
    category_id: UUID
    slug: str
    title: str
    title_key: str = column(Text(collation="C"))
    page_part: bytes
    card_part: bytes


class ListingOffer(Row, table=True):
    """The parts of a product's page and card in one channel that depend on the currency.

    `price_minor` is the lowest price.

    `layout` tells in which form of the contract the parts are written: what is older than LAYOUT is
    republished.
    """

    __tablename__ = "listing_offer"
    __table_args__ = (
        states("availability", Availability),
        Index(
            "listing_offer_by_price",
            "channel",
            "currency",
            "category_id",
            "price_minor",
            "product_id",
        ),
        # Ids are made in the order of time.
        Index("listing_offer_by_age", "channel", "currency", "category_id", "product_id"),
        Index("listing_offer_outdated", "product_id", postgresql_where=text("layout < 1")),
    )

    product_id: UUID = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    category_id: UUID
    price_minor: int = minor()
    availability: Availability = code(Availability)
    facets: list[str] = column(ARRAY(Text()))
    page_part: bytes
    card_part: bytes
    layout: int = column(SmallInteger, default=0, server_default="0")


# The form of the contract that stored parts have. The partial index of what is outdated has to
# follow it by a migration.
LAYOUT: Final = 1


class Entry(NamedTuple):
    """A product in a listing, with what it sorts by."""

    product_id: UUID
    key: str | int | None


class Condition(NamedTuple):
    """A further condition on a listed offer `o`: SQL that begins with AND, and its values."""

    sql: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A product page but for what the category tree says."""

    category_id: UUID
    page: bytes


async def page_of(read: Read, view: View, product_id: UUID) -> StoredPage | None:
    """One product, by its id."""
    record = await read.one(
        _PAGE_BY_ID,
        product_id=product_id,
        channel=view.channel,
        locale=view.locale,
        currency=view.currency,
    )
    return StoredPage(*record[1:]) if record else None


async def pages_of(read: Read, view: View, slugs: Sequence[str]) -> dict[str, StoredPage]:
    """Products by their slugs."""
    records = await read.all(
        _PAGES_BY_SLUG,
        slugs=list(slugs),
        channel=view.channel,
        locale=view.locale,
        currency=view.currency,
    )
    return {slug: StoredPage(*rest) for slug, *rest in records}


async def cards_of(read: Read, view: View, product_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Cards of the products that the view offers, by id."""
    if not product_ids:
        return {}
    records = await read.all(
        _CARDS,
        product_ids=list(product_ids),
        channel=view.channel,
        locale=view.locale,
        currency=view.currency,
    )
    return {product_id: text + offer for product_id, text, offer in records}


async def entries(
    read: Read,
    view: View,
    *,
    category_ids: Sequence[UUID] | None,
    sort: Sort,
    filters: Filters,
    after: Sequence[Any] | None,
    size: int,
    condition: Condition | None = None,
) -> list[Entry]:
    """Returns the next `size` products of categories after the keyset position (key, id).

    None for categories means all products.

    Each category is read in the order of its index and gives at most `size`: the cost does not grow
    with the catalogue. Raises InvalidPageToken if the position is not of this sort.
    """
    key, last_id = _position(sort, after)
    narrowed, values = _narrowed(filters)
    if condition is not None:
        narrowed, values = narrowed + condition.sql, {**values, **condition.values}
    params = {
        "channel": view.channel,
        "locale": view.locale,
        "currency": view.currency,
        "categories": list(category_ids or ()),
        "key": key,
        "last_id": last_id,
        "size": size,
        **values,
    }
    statement = _ENTRIES[sort].replace("/*narrowed*/", narrowed)
    if category_ids is None:
        statement = (
            _ALL_NEWEST.replace("/*narrowed*/", narrowed)
            if sort is Sort.NEWEST
            else statement.replace(_GIVEN_CATEGORIES, _ALL_CATEGORIES)
        )
    records = await read.fetch(statement, params)  # type: ignore[arg-type,unused-ignore]
    return [Entry(*record) for record in records]


def position_after(entry: Entry) -> list[Any]:
    """Returns the position that a page token holds to continue after `entry`."""
    return [entry.key, str(entry.product_id)]


def _position(sort: Sort, after: Sequence[Any] | None) -> tuple[Any, UUID]:
    if after is None:
        match sort:
            case Sort.NEWEST:
                return None, _LAST_ID
            case Sort.TITLE:
                return "", _FIRST_ID
            case Sort.PRICE_ASCENDING:
                return -1, _FIRST_ID
            case Sort.PRICE_DESCENDING:
                return _MOST_MINOR, _LAST_ID
    key, last_id = after
    kinds = {
        Sort.NEWEST: type(None),
        Sort.TITLE: str,
        Sort.PRICE_ASCENDING: int,
        Sort.PRICE_DESCENDING: int,
    }
    if (
        type(key) is not kinds[sort]
        or (isinstance(key, int) and abs(key) > _MOST_MINOR)
        or (isinstance(key, str) and "\x00" in key)
    ):
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
            " AND EXISTS (SELECT FROM unnest(%(from_minor)s::bigint[], %(to_minor)s::bigint[]) AS "
            "r (low, high)"
            " WHERE o.price_minor >= r.low AND o.price_minor < r.high)"
        )
        values["from_minor"] = [min(each.from_minor, _MOST_MINOR) for each in filters.prices]
        values["to_minor"] = [
            _MOST_MINOR if each.to_minor is None else min(each.to_minor, _MOST_MINOR)
            for each in filters.prices
        ]
    return "".join(conditions), values


_is_of_text: Final = and_(
    col(ListingOffer.product_id) == col(ListingText.product_id),
    col(ListingOffer.channel) == col(ListingText.channel),
)
_is_in_view: Final = and_(
    col(ListingText.channel) == bindparam("channel"),
    col(ListingText.locale) == bindparam("locale"),
    col(ListingOffer.currency) == bindparam("currency"),
)
_page: Final = (
    select(
        ListingText.slug,
        ListingText.category_id,
        col(ListingText.page_part)
        .op("||")(col(ListingOffer.page_part))
        .op("||")(func.coalesce(col(PageSupplement.page_part), text("''::bytea"))),
    )
    .join(ListingOffer, _is_of_text)
    .outerjoin(PageSupplement, col(PageSupplement.product_id) == col(ListingText.product_id))
    .where(_is_in_view)
)
_PAGES_BY_SLUG: Final = prepare(_page.where(one_of(ListingText.slug, "slugs")))
_PAGE_BY_ID: Final = prepare(_page.where(col(ListingText.product_id) == bindparam("product_id")))
_CARDS: Final = prepare(
    select(ListingText.product_id, ListingText.card_part, col(ListingOffer.card_part))
    .join(ListingOffer, _is_of_text)
    .where(_is_in_view, one_of(ListingText.product_id, "product_ids"))
)
# Keys alone, in the order of an index.
_BY_OFFER: Final = (
    "SELECT e.product_id, e.key FROM unnest(%(categories)s::uuid[]) AS c (id) CROSS JOIN LATERAL ("
    " SELECT o.product_id, /*key*/ AS key FROM listing_offer o"
    " WHERE o.channel = %(channel)s AND o.currency = %(currency)s AND o.category_id = c.id AND "
    "/*after*/ /*narrowed*/"
    " ORDER BY /*order o*/ LIMIT %(size)s) e ORDER BY /*order e*/ LIMIT %(size)s"
)
# The primary key leads with the product: what is newest in the whole shop needs no look into each
# category.
_ALL_NEWEST: Final = (
    "SELECT o.product_id, NULL::bigint FROM listing_offer o"
    " WHERE o.channel = %(channel)s AND o.currency = %(currency)s AND o.product_id < %(last_id)s "
    "/*narrowed*/"
    " ORDER BY o.product_id DESC LIMIT %(size)s"
)
_GIVEN_CATEGORIES: Final = "unnest(%(categories)s::uuid[]) AS c (id)"
_ALL_CATEGORIES: Final = (
    "(SELECT id FROM category UNION ALL SELECT '00000000-0000-0000-0000-000000000000') AS c (id)"
)
_BY_TITLE: Final = (
    "SELECT e.product_id, e.key FROM unnest(%(categories)s::uuid[]) AS c (id) CROSS JOIN LATERAL ("
    " SELECT t.product_id, t.title_key AS key FROM listing_text t JOIN listing_offer o ON "
    "o.product_id = t.product_id"
    "  AND o.channel = t.channel AND o.currency = %(currency)s"
    " WHERE t.channel = %(channel)s AND t.locale = %(locale)s AND t.category_id = c.id"
    "  AND (t.title_key, t.product_id) > (%(key)s::text, %(last_id)s) /*narrowed*/"
    " ORDER BY t.title_key, t.product_id LIMIT %(size)s) e ORDER BY e.key, e.product_id LIMIT "
    "%(size)s"
)


def _by_offer(*, key: str, after: str, direction: str) -> str:
    by_key = "" if key == "NULL::bigint" else "{}.key {}, "
    statement = _BY_OFFER.replace("/*key*/", key).replace("/*after*/", after)
    statement = statement.replace(
        "/*order o*/",
        f"{by_key.format('o', direction).replace('o.key', key)}o.product_id {direction}",
    )
    return statement.replace(
        "/*order e*/", f"{by_key.format('e', direction)}e.product_id {direction}"
    )


_ENTRIES: Final = {
    Sort.NEWEST: _by_offer(
        key="NULL::bigint", after="o.product_id < %(last_id)s", direction="DESC"
    ),
    Sort.PRICE_ASCENDING: _by_offer(
        key="o.price_minor",
        after="(o.price_minor, o.product_id) > (%(key)s::bigint, %(last_id)s)",
        direction="ASC",
    ),
    Sort.PRICE_DESCENDING: _by_offer(
        key="o.price_minor",
        after="(o.price_minor, o.product_id) < (%(key)s::bigint, %(last_id)s)",
        direction="DESC",
    ),
    Sort.TITLE: _BY_TITLE,
}
