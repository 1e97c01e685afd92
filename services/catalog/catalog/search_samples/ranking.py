"""Ranking of many matches by samples, in one order for all pages of a query."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Final, Protocol

from tantivy import Query

from catalog.search_samples.sampling import EVERYTHING, PROBED, rate_for
from catalog.search_samples.ways import Way

# Matches that a sample should have more than are wanted: it may have fewer than estimated.
_SPARES: Final = (3 / 2, 6)


@dataclass(frozen=True, slots=True)
class Ranking:
    """A query that ranks the best products up to a limit, and these."""

    limit: int
    query: Query
    first: Any


class Matches(Protocol):
    """The products that a query matches, as far as they are needed to rank them."""

    def estimate(self) -> int:
        """About how many products match in all."""

    def count(self, query: Query) -> int:
        """Products that match a query."""

    def narrowed(self, ranked: Query, rate: int) -> Query:
        """The matches of a query, in the sample of a rate, within bounds and filters."""

    def highest(self, ranked: Query) -> Query:
        """The best scored of matches that differ only by whether they can be had."""

    def ranking_of(self, parts: Sequence[Query], limit: int) -> Ranking:
        """The first hits of what matches one of some queries."""


class SampledRanking:
    """Ranks the best of many matches.

    A page has no other samples than the pages before it, or ones that give the same order.
    """

    def __init__(self, way: Way, matches: Matches) -> None:
        self._way, self._matches = way, matches
        self._sizes: dict[int, int] = {}

    def rank(self, limit: int, reachable: int) -> Ranking:
        """The first hits of a query of which `reachable` may be asked for, page by page."""
        return self._of_best_tier(limit) or self._of_tiers(limit, reachable)

    def _of_best_tier(self, limit: int) -> Ranking | None:
        """The first hits, where a sample of the best tier has them.

        Its products have one score, above those of other tiers. What is in a sparser sample comes
        first, so that a page needs no more than a sample that has all products up to its end.
        """
        for spare in _SPARES if self._way.tiers else ():
            rate = rate_for(self._size(0), limit * spare)
            if rate == EVERYTHING:
                break
            ranking = self._matches.ranking_of([*self._exact(), self._tier(0, rate)], limit)
            if len(ranking.first.hits) == limit:
                return ranking
        return None

    def _of_tiers(self, limit: int, reachable: int) -> Ranking:
        """The first hits of samples that have all results that can be reached.

        A denser sample of these tiers may have products of a higher score, which would move all
        others. Whether a sample has enough is therefore decided by what it has in all: the page
        does not count.
        """
        for spare in (*_SPARES, inf):
            parts, rate = self._best(reachable * spare)
            ranking = self._matches.ranking_of(parts, limit)
            # The type stubs of tantivy leave `count` out.
            if rate == EVERYTHING or int(ranking.first.count) >= reachable:
                break
        return ranking

    def _best(self, wanted: float) -> tuple[list[Query], int]:
        """The tiers above the first large one, a sample of that one, and the sample's rate."""
        parts = self._exact()
        for at in range(len(self._way.tiers)):
            rate = rate_for(self._size(at), wanted)
            parts.append(self._tier(at, rate))
            if rate != EVERYTHING:
                return parts, rate
        rate = rate_for(self._matches.estimate(), wanted)
        return [*parts, self._others(rate)], rate

    def _exact(self) -> list[Query]:
        exact = self._way.exact
        return [] if exact is None else [self._matches.narrowed(exact, EVERYTHING)]

    def _tier(self, at: int, rate: int) -> Query:
        """A tier, or a sample of it. Of the best one the sample has what scores highest alone."""
        tier = self._way.tiers[at](rate)
        if at == 0 and rate != EVERYTHING:
            tier = self._matches.highest(tier)
        return self._matches.narrowed(tier, rate)

    def _others(self, rate: int) -> Query:
        ranked = self._way.others or self._way.ranked
        return self._matches.narrowed(ranked(rate), rate)

    def _size(self, at: int) -> int:
        """About how many products a tier has."""
        if at not in self._sizes:
            self._sizes[at] = PROBED * self._matches.count(self._tier(at, PROBED))
        return self._sizes[at]
