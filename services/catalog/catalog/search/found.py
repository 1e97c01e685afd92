"""Results: the products that a query matches, in order, and their counts by facet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, Protocol
from uuid import UUID

import tantivy
from tantivy import Occur, Query

from catalog.channels.model import View
from catalog.listings.facets import CATEGORY, PRICE, Filters, price_ranges, split
from catalog.merchandising.model import Selector
from catalog.search_samples.ranking import Ranking, SampledRanking
from catalog.search_samples.sampling import EVERYTHING, PROBED, rate_for, scaled
from catalog.search_samples.ways import Way
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
# All results that can be reached, and those beside the last of them.
MOST_RANKED: Final = MOST_RESULTS + _LOOK_AHEAD
# Matches of a query from which it is ranked and counted by samples, and those that the sample has
# in which it is counted: the total is right to a few percent.
_MANY: Final = 4_000
_LEAST_COUNTED: Final = 500
NO_FILTERS: Final = Filters()


class SearchSort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    PRICE_ASCENDING = "price_ascending"
    PRICE_DESCENDING = "price_descending"


@dataclass(frozen=True, slots=True)
class Results:
    """A page of results, best first, and how many there are in all, exactly or about."""

    product_ids: list[UUID]
    total: int
    is_estimate: bool = False


@dataclass(slots=True)
class Counts:
    """Products per value of each facet."""

    by_name: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Within:
    """Bounds of a listing or a search: categories, by slug, and all but what is hidden."""

    categories: tuple[str, ...] = ()
    hidden: tuple[Selector, ...] = ()


class Narrowing(Protocol):
    """The part of an index that results need."""

    @property
    def searcher(self) -> tantivy.Searcher: ...

    @property
    def is_large(self) -> bool: ...

    def narrowing(self, view: View, within: Within, filters: Filters, rate: int) -> list[Query]:
        """Queries that narrow and do not score, for the sample of a rate."""

    def that_can_be_had(self, ranked: Query) -> Query:
        """The matches that can be had."""

    def prefer(self, ranked: Query, weight: float) -> Query:
        """The same products; what can be had gains a weight over what is sold out."""


class Found:
    """The products that a query matches, at the moment of the query.

    Where they are many, they are counted in a sample. `unknown` are words of the query that no
    product has.
    """

    def __init__(
        self,
        index: Narrowing,
        view: View,
        within: Within,
        filters: Filters,
        *,
        way: Way | None = None,
        ruled: Query | None = None,
        in_stock: float = 0.0,
        unknown: Sequence[str] = (),
    ) -> None:
        """`ruled` ranks in place of `way` where merchandising rules do.

        `in_stock` is the weight of what can be had.
        """
        self.unknown, self._in_stock = unknown, in_stock
        self._index, self._view, self._within, self._filters = index, view, within, filters
        self._way, self._ruled = way, ruled
        self._searcher = index.searcher
        self._estimates: dict[Filters, int] = {}
        self._total: int | None = None
        self._counts: Counts | None = None
        self._sampled: SampledRanking | None = None
        self._ranking: Ranking | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it is all that is offered in some categories, or everywhere."""
        return self._way is None and not self._filters.names and not self._within.hidden

    def _query(self, filters: Filters, rate: int = EVERYTHING) -> Query:
        parts = self._index.narrowing(self._view, self._within, filters, rate)
        if self._ruled is not None and rate == EVERYTHING:
            parts.append(self._ruled)
        elif self._way is not None:
            parts.append(self._way.ranked(rate))
        return all_of(parts)

    def count(self, query: Query) -> int:
        """Products that match a query."""
        return _count(self._searcher.search(query, 1))

    def estimate(self) -> int:
        """About how many products match in all."""
        return self._estimate(self._filters)

    def _estimate(self, filters: Filters) -> int:
        """About how many products match, from the sparsest sample; 0 for no more than a few."""
        if not self._index.is_large:
            return 0
        if filters not in self._estimates:
            self._estimates[filters] = PROBED * self.count(self._query(filters, PROBED))
        return self._estimates[filters]

    def _counting_rate(self, filters: Filters) -> int:
        estimate = self._estimate(filters)
        return rate_for(estimate, _LEAST_COUNTED) if estimate >= _MANY else EVERYTHING

    def has_any(self) -> bool:
        """Returns whether anything matches before it is narrowed."""
        if self._estimate(NO_FILTERS):
            return True
        if not self._filters.names and self._way is not None:
            # The first page is asked for next.
            return bool(self._ranked(_FIRST_HITS, MOST_RANKED).first.hits)
        query = self._query(NO_FILTERS)
        return bool(self._searcher.search(query, 1, count=False).hits)

    @property
    def is_estimate(self) -> bool:
        """Whether `total` and the counts of facets are estimates."""
        return self._counting_rate(self._filters) != EVERYTHING

    @property
    def total(self) -> int:
        """Returns the count of matching products."""
        if self._total is None and self.is_estimate:
            self.counts()
        if self._total is None:
            self._total = self.count(self._query(self._filters))
        return self._total

    def results(self, sort: SearchSort, *, offset: int, size: int) -> Results:
        """A page of results, in an order that every replica with the same products gives.

        Where nothing was typed, nothing is more relevant than the rest: the newest come first.
        """
        size = min(size, MAX_PAGE_SIZE)
        order: dict[str, Any] = {}
        match (
            sort if self._way is not None or sort is not SearchSort.RELEVANCE else SearchSort.NEWEST
        ):
            case SearchSort.NEWEST:
                order = {"order_by_field": "made"}
            case SearchSort.PRICE_ASCENDING:
                order = {"order_by_field": price_field(self._view.currency),
                         "order": tantivy.Order.Asc}  # fmt: skip
            case SearchSort.PRICE_DESCENDING:
                order = {"order_by_field": price_field(self._view.currency)}
            case SearchSort.RELEVANCE:
                return Results(self.best(offset, size), self.total, self.is_estimate)
        query, is_exact = self._query(self._filters), not self.is_estimate
        found = self._searcher.search(query, size, count=is_exact, offset=offset, **order)
        if is_exact:
            self._total = _count(found)
        ids = self._ids([address for _, address in found.hits])
        return Results(ids, self.total, not is_exact)

    def best(self, offset: int, size: int, *, reachable: int = MOST_RANKED) -> list[UUID]:
        """Best first; of equal ones the newest first, whatever the index's segments are.

        Of many matches at least `reachable` are ranked, for each page of a query the same ones.
        """
        end = offset + size
        limit = max(end + _LOOK_AHEAD, _FIRST_HITS)
        ranking = self._ranked(limit, reachable)
        found = ranking.first
        while len(found.hits) == limit < _MOST_TIED and found.hits[-1][0] == found.hits[end - 1][0]:
            limit = min(4 * limit, _MOST_TIED)
            found = self._hits(ranking.query, limit)
        addresses = [address for _, address in found.hits]
        made = self._searcher.fast_field_values("made", addresses)
        marks = self._searcher.fast_field_values("mark", addresses)
        order = sorted(
            range(len(addresses)),
            key=lambda at: (found.hits[at][0], made[at], marks[at]),
            reverse=True,
        )
        return self._ids([addresses[at] for at in order[offset:end]])

    def _ranked(self, limit: int, reachable: int) -> Ranking:
        if self._ranking is None or self._ranking.limit != limit:
            self._ranking = self._rank(limit, reachable)
        return self._ranking

    def _rank(self, limit: int, reachable: int) -> Ranking:
        """The first hits of all that match, or of samples that have enough of the best of them."""
        if self._way is None or self._ruled is not None or not self.is_estimate:
            ranking = self.ranking_of([self._query(self._filters)], limit)
            if not self.is_estimate:
                self._total = _count(ranking.first)
            return ranking
        self._sampled = self._sampled or SampledRanking(self._way, self)
        return self._sampled.rank(limit, reachable)

    def ranking_of(self, parts: Sequence[Query], limit: int) -> Ranking:
        """The first hits of what matches one of some queries."""
        best = parts[0] if len(parts) == 1 else Query.disjunction_max_query([*parts])
        query = self._index.prefer(best, self._in_stock) if self._in_stock else best
        return Ranking(limit, query, self._hits(query, limit))

    def highest(self, ranked: Query) -> Query:
        """The best scored of matches that differ only by whether they can be had."""
        return self._index.that_can_be_had(ranked) if self._in_stock else ranked

    def narrowed(self, ranked: Query, rate: int) -> Query:
        """The matches of a query, in the sample of a rate, within bounds and filters."""
        narrowing = self._index.narrowing(self._view, self._within, self._filters, rate)
        return all_of([*narrowing, ranked])

    def _hits(self, query: Query, limit: int) -> Any:
        is_sampled = self.is_estimate and self._ruled is None
        field = (sampled_rank_field if is_sampled else rank_field)(self._view.locale)
        return self._searcher.search(query, limit, weight_by_field=field)

    def _ids(self, addresses: Sequence[tantivy.DocAddress]) -> list[UUID]:
        tops = self._searcher.fast_field_values("top", [*addresses])
        marks = self._searcher.fast_field_values("mark", [*addresses])
        return [
            UUID(int=int(top or 0) << 64 | int(mark or 0))
            for top, mark in zip(tops, marks, strict=True)
        ]

    def counts(self) -> Counts:
        """Products per value of each facet. A facet's own filter does not reduce its counts."""
        if self._counts is None:
            self._counts = self._count_facets()
        return self._counts

    def _count_facets(self) -> Counts:
        everything = {
            CATEGORY: {"terms": {"field": CATEGORY, "size": 10_000}},
            "facet": {"terms": {"field": "facet", "size": 2_000}},
            PRICE: self._price_buckets(),
        }
        total = {"total": {"value_count": {"field": "mark"}}}
        counts = Counts(_by_name(self.counted(everything | total, self._filters)))
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

    def counted(
        self, buckets: dict[str, Any], filters: Filters, *, rate: int | None = None
    ) -> dict[str, dict[str, int]]:
        """Products per key of each bucket aggregation."""
        rate = self._counting_rate(filters) if rate is None else rate
        counted = self._searcher.aggregate(self._query(filters, rate), buckets)
        if "total" in buckets:
            self._total = scaled(int(counted["total"]["value"]), rate)
        return {
            name: {
                str(bucket["key"]): scaled(int(bucket["doc_count"]), rate)
                for bucket in counted[name]["buckets"]
                if bucket["doc_count"]
            }
            for name in buckets
            if name != "total"
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


def sampled_rank_field(locale: str) -> str:
    """The field that ranks products of equal score where they are many: by samples first."""
    return f"sampled_{rank_field(locale)}"


def price_field(currency: str) -> str:
    return f"price_{currency}"
