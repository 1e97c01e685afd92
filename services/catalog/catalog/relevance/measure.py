"""Figures of relevance: success at one and at ten, and the mean reciprocal rank."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from catalog.channels.model import View
from catalog.listings.facets import Filters
from catalog.relevance.cases import SYNONYMS, Case, cases_of
from catalog.relevance.corpus import CHANNEL, CURRENCY, Corpus
from catalog.search.index import SearchIndex, SearchSort
from catalog.search.synonyms import Synonyms, synonyms_of

DEPTH: Final = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """Outcome of `count` queries of a kind; each share is from 0 to 1.

    `success_at_1` and `success_at_10` are shares of queries with a relevant product among the first
    results. `reciprocal_rank` is the mean of 1 / rank of the first relevant one, 0 beyond DEPTH.
    `cpu_microseconds` is the time of this process a query.
    """

    corpus: str
    locale: str
    kind: str
    count: int
    success_at_1: float
    success_at_10: float
    reciprocal_rank: float
    cpu_microseconds: float


def measure(corpus: Corpus) -> Iterator[Figures]:
    """Figures of each kind of query in each locale of a catalogue."""
    for locale in corpus.index.locales:
        synonyms = _synonyms(corpus.index, locale)
        by_kind: dict[str, list[int]] = {}
        seconds: dict[str, float] = {}
        for case in cases_of(corpus.items, locale):
            began = time.process_time()
            rank = rank_of(corpus.index, case, synonyms)
            spent = time.process_time() - began
            seconds[case.kind] = seconds.get(case.kind, 0.0) + spent
            by_kind.setdefault(case.kind, []).append(rank)
        for kind, ranks in by_kind.items():
            yield _figures(corpus.name, locale, kind, ranks, seconds[kind])


def rank_of(index: SearchIndex, case: Case, synonyms: Synonyms) -> int:
    """The rank, from 1, of the first relevant product; 0 beyond DEPTH."""
    view = View(CHANNEL, case.locale, CURRENCY)
    found = index.query(view, case.text, [], Filters(), synonyms=synonyms)
    results = found.results(SearchSort.RELEVANCE, offset=0, size=DEPTH)
    for rank, product_id in enumerate(results.product_ids, 1):
        if product_id in case.relevant:
            return rank
    return 0


def _synonyms(index: SearchIndex, locale: str) -> Synonyms:
    analysis = index.analyses[locale]
    return synonyms_of(analysis, (([typed], [meant]) for typed, meant in SYNONYMS.get(locale, ())))


def _figures(corpus: str, locale: str, kind: str, ranks: Iterable[int], seconds: float) -> Figures:
    ranks = list(ranks)
    return Figures(
        corpus,
        locale,
        kind,
        len(ranks),
        sum(rank == 1 for rank in ranks) / len(ranks),
        sum(rank > 0 for rank in ranks) / len(ranks),
        sum(1 / rank for rank in ranks if rank) / len(ranks),
        1e6 * seconds / len(ranks),
    )
