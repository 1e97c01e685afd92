"""Results: the products that a query matches, in order, and their counts by facet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, Protocol, cast
from uuid import UUID

import tantivy
from tantivy import Occur, Query

from catalog.channels.model import View
from catalog.listings.facets import CATEGORY, PRICE, Filters, price_ranges, split
from chassis.pagination import MAX_PAGE_SIZE

MOST_RESULTS: Final = 1_000
# Prices sort with a mark of the product below them, so that equal ones have the same order in every
# replica. A key is a signed integer of 64 bits, which the most that a price may be (below 2^40)
# leaves room for.
TIE_BITS: Final = 20
# Beyond the page, so that products of equal score at its end are all seen and put in order.
_LOOK_AHEAD: Final = 32
_FIRST_HITS: Final = 24 + _LOOK_AHEAD
_MOST_TIED: Final = 16 * MOST_RESULTS


class SearchSort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    PRICE_ASCENDING = "price_ascending"
    PRICE_DESCENDING = "price_descending"


@dataclass(frozen=True, slots=True)
class Results:
    """A page of results, best first, and how many there are in all."""

    product_ids: list[UUID]
    total: int


@dataclass(slots=True)
class Counts:
    """Products per value of each facet."""

    by_name: dict[str, dict[str, int]] = field(default_factory=dict)


class Narrowing(Protocol):
    """The part of an index that results need."""

    @property
    def searcher(self) -> tantivy.Searcher: ...

    def narrowing(self, view: View, filters: Filters) -> list[Query]: ...


class Found:
    """The products that a query matches, at the moment of the query.

    `unknown` are words of the query that no product has.
    """

    def __init__(
        self,
        index: Narrowing,
        view: View,
        base: Sequence[Query],
        filters: Filters,
        *,
        ranked: Query | None = None,
        unknown: Sequence[str] = (),
    ) -> None:
        self.unknown = unknown
        self._index, self._view, self._filters = index, view, filters
        self._base, self.ranked = [*base, *([ranked] if ranked is not None else [])], ranked
        self._searcher = index.searcher
        self._query = self._narrowed(filters)
        self._first: Any = None

    def _narrowed(self, filters: Filters) -> Query:
        return all_of([*self._base, *map(unranked, self._index.narrowing(self._view, filters))])

    def has_any(self) -> bool:
        """Returns whether anything matches before it is narrowed."""
        if not self._filters.names and self.ranked is not None:
            # The first page is asked for next.
            self._first = self._ranked_hits(_FIRST_HITS)
            return bool(self._first.hits)
        return bool(self._searcher.search(all_of(self._base), 1, count=False).hits)

    def results(self, sort: SearchSort, *, offset: int, size: int) -> Results:
        """A page of results, in an order that every replica with the same products gives.

        Where nothing was typed, nothing is more relevant than the rest: the newest come first.
        """
        size = min(size, MAX_PAGE_SIZE)
        order: dict[str, Any] = {}
        match (
            sort
            if self.ranked is not None or sort is not SearchSort.RELEVANCE
            else (SearchSort.NEWEST)
        ):
            case SearchSort.NEWEST:
                order = {"order_by_field": "made"}
            case SearchSort.PRICE_ASCENDING:
                order = {"order_by_field": price_field(self._view.currency),
                         "order": tantivy.Order.Asc}  # fmt: skip
            case SearchSort.PRICE_DESCENDING:
                order = {"order_by_field": price_field(self._view.currency)}
            case SearchSort.RELEVANCE:
                return self._best(offset, size)
        found = self._searcher.search(self._query, size, offset=offset, **order)
        return Results(self._ids([address for _, address in found.hits]), _count(found))

    def _best(self, offset: int, size: int) -> Results:
        """Best first; of equal ones the newest first, whatever the index's segments are."""
        end = offset + size
        limit = max(end + _LOOK_AHEAD, _FIRST_HITS)
        first, self._first = self._first, None
        found = first if first and limit == _FIRST_HITS else self._ranked_hits(limit)
        while len(found.hits) == limit < _MOST_TIED and found.hits[-1][0] == found.hits[end - 1][0]:
            limit = min(4 * limit, _MOST_TIED)
            found = self._ranked_hits(limit)
        addresses = [address for _, address in found.hits]
        made = self._searcher.fast_field_values("made", addresses)
        marks = self._searcher.fast_field_values("mark", addresses)
        order = sorted(
            range(len(addresses)),
            key=lambda at: (found.hits[at][0], made[at], marks[at]),
            reverse=True,
        )
        return Results(self._ids([addresses[at] for at in order[offset:end]]), _count(found))

    def _ranked_hits(self, limit: int) -> Any:
        field = rank_field(self._view.locale)
        return self._searcher.search(self._query, limit, weight_by_field=field)

    def _ids(self, addresses: Sequence[tantivy.DocAddress]) -> list[UUID]:
        doc = self._searcher.doc
        return [UUID(cast(str, doc(address).get_first("product_id"))) for address in addresses]

    @property
    def total(self) -> int:
        """Returns the count of matching products."""
        return _count(self._searcher.search(self._query, 1))

    def counts(self) -> Counts:
        """Products per value of each facet. A facet's own filter does not reduce its counts."""
        everything = {
            CATEGORY: {"terms": {"field": CATEGORY, "size": 10_000}},
            "facet": {"terms": {"field": "facet", "size": 2_000}},
            PRICE: self._price_buckets(),
        }
        counts = Counts(_by_name(self.counted(everything, self._filters)))
        for name in self._filters.names:
            bucket = name if name in (CATEGORY, PRICE) else "facet"
            alone = _by_name(
                self.counted({bucket: everything[bucket]}, self._filters.without(name))
            )
            counts.by_name[name] = alone.get(name, {})
        return counts

    def _price_buckets(self) -> dict[str, Any]:
        ranges = []
        for each in price_ranges(self._view.currency):
            bucket: dict[str, Any] = {"key": each.value, "from": each.from_minor << TIE_BITS}
            if each.to_minor is not None:
                bucket["to"] = each.to_minor << TIE_BITS
            ranges.append(bucket)
        return {"range": {"field": price_field(self._view.currency), "ranges": ranges}}

    def counted(self, buckets: dict[str, Any], filters: Filters) -> dict[str, dict[str, int]]:
        """Products per key of each bucket aggregation."""
        counted = self._searcher.aggregate(self._narrowed(filters), buckets)
        return {
            name: {
                str(bucket["key"]): int(bucket["doc_count"])
                for bucket in counted[name]["buckets"]
                if bucket["doc_count"]
            }
            for name in buckets
        }


def _by_name(counted: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    found = {name: dict(values) for name, values in counted.items() if name != "facet"}
    for stored, count in counted.get("facet", {}).items():
        name, value = split(stored)
        found.setdefault(name, {})[value] = count
    return found


def _count(found: Any) -> int:
    # The type stubs of tantivy leave `count` out.
    return int(found.count)


def all_of(queries: Sequence[Query]) -> Query:
    """Products that match each of the queries."""
    return (
        queries[0]
        if len(queries) == 1
        else Query.boolean_query([(Occur.Must, query) for query in queries])
    )


def any_of(queries: Sequence[Query]) -> Query:
    """Products that match one of the queries; the scores of those that match add up."""
    return (
        queries[0]
        if len(queries) == 1
        else Query.boolean_query([(Occur.Should, query) for query in queries])
    )


def unranked(query: Query) -> Query:
    """A query that narrows and does not score."""
    return Query.const_score_query(query, 0.0)


@lru_cache(maxsize=256)
def suffix_of(locale: str) -> str:
    """The end of the names of a locale's fields."""
    return locale.lower().replace("-", "_")


def rank_field(locale: str) -> str:
    return f"rank_{suffix_of(locale)}"


def price_field(currency: str) -> str:
    return f"price_{currency}"
