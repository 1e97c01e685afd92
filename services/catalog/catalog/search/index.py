"""Full-text search with facet counts: a tantivy index of this process.

It is built from the database, or opened from a snapshot of another replica's. Nothing else knows
what the index is, so that a search server can take its place for catalogues that outgrow it.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

import tantivy
from tantivy import Occur, Query

from catalog.channels.model import Channels, View
from catalog.listings.facets import CATEGORY, Filters, PriceRange, token
from catalog.merchandising.model import Selector
from catalog.search.analysis import Analysis
from catalog.search.corrections import correct
from catalog.search.documents import (
    CAN_BE_HAD,
    YES,
    DocumentMaker,
    Findable,
    make_schema,
    open_index,
)
from catalog.search.found import (
    MOST_RESULTS,
    NO_FILTERS,
    TIE_BITS,
    Counts,
    Found,
    Results,
    SearchSort,
    Within,
    any_of,
    price_field,
    suffix_of,
    unranked,
)
from catalog.search.matching import MOST_WORDS, Matcher
from catalog.search.selection import NO_MERCHANDISING, Merchandising, tokens_of
from catalog.search.synonyms import NO_SYNONYMS, Synonyms
from catalog.search.weights import DEFAULT, Weights, exact
from catalog.search_samples.looked_up import LookedUp
from catalog.search_samples.sampling import EVERYTHING, SAMPLED_FROM, in_sample
from chassis.money import MOST_MINOR

__all__ = ["MOST_RESULTS", "Counts", "Findable", "Found", "Results", "SearchIndex", "SearchSort"]

_HEAP_BYTES: Final = 64_000_000
_BEYOND_ANY_PRICE: Final = MOST_MINOR + 1
_FEW_TERMS: Final = 64
# Products of which suggestions are the best, where there are many.
_MOST_SUGGESTED: Final = 64
# Beyond any sum of weights; pins are so far apart that no rank changes their order.
_PINNED: Final = 8_192.0
_PIN_STEP: Final = 64.0
_BURIED: Final = 4_096.0
# Of a boost, in weights of the title.
_BOOST: Final = 2.0


class SearchIndex:
    """The index. Changes show after `commit`; a thread may change it while others search."""

    def __init__(
        self,
        channels: Channels,
        folder: Path | None = None,
        *,
        sampled_from: int = SAMPLED_FROM,
    ) -> None:
        """Keeps its files in `folder`, where a snapshot's may be; without one, in memory."""
        self.folder, self._sampled_from = folder, sampled_from
        self.locales, self.currencies = channels.locales, channels.currencies
        self.generation = 0
        self.analyses = {suffix_of(locale): Analysis(locale) for locale in self.locales}
        self._maker = DocumentMaker(self.analyses, self.currencies)
        self._schema = make_schema(self.locales, self.currencies)
        self._index = open_index(self._schema, folder)
        self._writer = self._index.writer(_HEAP_BYTES, 1)
        self._searcher = self._index.searcher()
        self._looked_up: dict[tuple[str, Weights], LookedUp] = {}

    def covers(self, channels: Channels) -> bool:
        """Returns whether it has fields for all languages and currencies of channels."""
        return {*channels.currencies} <= {*self.currencies} and {
            suffix_of(locale) for locale in channels.locales
        } <= self.analyses.keys()

    def _nearest(self, view: View) -> View:
        """Returns a view with a language and a currency that it has fields for.

        It lacks those that a channel just brought, until the index that has them is built.
        """
        if view.currency in self.currencies and suffix_of(view.locale) in self.analyses:
            return view
        currency = view.currency if view.currency in self.currencies else self.currencies[0]
        is_known = suffix_of(view.locale) in self.analyses
        return View(view.channel, view.locale if is_known else self.locales[0], currency)

    @property
    def size(self) -> int:
        """Products times channels."""
        return int(self._searcher.num_docs)

    @property
    def is_large(self) -> bool:
        """Whether frequent words are ranked and counted by samples."""
        return self.size >= self._sampled_from

    @property
    def schema(self) -> tantivy.Schema:
        return self._schema

    @property
    def searcher(self) -> tantivy.Searcher:
        """Returns a searcher of the last commit."""
        return self._searcher

    def put(self, product_ids: Iterable[UUID], found: Iterable[Findable]) -> dict[UUID, Exception]:
        """Replaces the index entries of `product_ids` by `found`; a missing product is removed.

        Returns the products that cannot be indexed, each with its error. They are left out in every
        channel.
        """
        for product_id in product_ids:
            self._writer.delete_documents_by_term("product_id", product_id.hex)
        made: dict[UUID, list[tantivy.Document]] = {}
        failed: dict[UUID, Exception] = {}
        for each in found:
            try:
                made.setdefault(each.product_id, []).append(
                    tantivy.Document.from_dict(self._maker.make(each), self._schema)
                )
            except Exception as error:
                failed[each.product_id] = error
        for product_id, documents in made.items():
            for document in documents if product_id not in failed else ():
                self._writer.add_document(document)
        return failed

    def commit(self) -> None:
        """Shows what was put."""
        self._writer.commit()
        self._index.reload()
        # A thread that searches meanwhile fills what belongs to the searcher that it has.
        self._searcher, self._looked_up = self._index.searcher(), {}
        self.generation += 1

    def query(
        self,
        view: View,
        text: str,
        categories: Sequence[str],
        filters: Filters,
        *,
        weights: Weights = DEFAULT,
        synonyms: Synonyms = NO_SYNONYMS,
        merchandising: Merchandising = NO_MERCHANDISING,
    ) -> Found:
        """Query of a search or a listing. `categories` are slugs to stay within; empty for all.

        Of `merchandising`, what is hidden is not found at all, and the rest orders by relevance.
        """
        view = self._nearest(view)
        within = Within(tuple(categories), merchandising.hidden)
        if not text.strip():
            return Found(self, view, within, filters)
        matcher, last = self.matcher(view, weights, synonyms), None
        for last in matcher.ways(text):
            found = Found(
                self, view, within, filters,
                way=last, in_stock=weights.in_stock, unknown=matcher.unknown,
            )  # fmt: skip
            if found.has_any():
                break
        if last and (merchandising.pinned or merchandising.boosted or merchandising.buried):
            ruled = self._merchandised(last.ranked(EVERYTHING), weights, merchandising)
            return Found(
                self, view, within, filters,
                way=last, ruled=ruled, in_stock=weights.in_stock, unknown=found.unknown,
            )  # fmt: skip
        return found

    def suggest(
        self,
        view: View,
        text: str,
        *,
        most: int,
        weights: Weights = DEFAULT,
        synonyms: Synonyms = NO_SYNONYMS,
    ) -> list[UUID]:
        """The best products of a query whose last word may be unfinished."""
        view = self._nearest(view)
        for way in self.matcher(view, weights, synonyms).ways(text):
            found = Found(self, view, Within(), NO_FILTERS, way=way, in_stock=weights.in_stock)
            if ids := found.best(0, most, reachable=_MOST_SUGGESTED):
                return ids
        return []

    def correct(self, view: View, text: str, unknown: Sequence[str]) -> str:
        """Returns a query with words of the view's products for unknown ones; empty for none."""
        view = self._nearest(view)
        analysis = self.analyses[suffix_of(view.locale)]
        offered = Query.term_query(self._schema, "offered", f"{view.channel}/{view.currency}")
        words = analysis.words(text)[:MOST_WORDS]
        field = f"words_{suffix_of(view.locale)}"
        return correct(self._searcher, field, offered, analysis, words, unknown)

    def analysis(self, view: View) -> Analysis:
        """The analysis of a view's locale."""
        return self.analyses[suffix_of(self._nearest(view).locale)]

    def matcher(
        self, view: View, weights: Weights = DEFAULT, synonyms: Synonyms = NO_SYNONYMS
    ) -> Matcher:
        """Makes queries of the last commit in a view's locale."""
        suffix = suffix_of(view.locale)
        looked_up = self._looked_up.setdefault((suffix, weights), LookedUp())
        analysis = self.analyses[suffix]
        return Matcher(
            self._schema,
            self._searcher,
            analysis,
            weights,
            synonyms,
            looked_up,
            self._sampled_from,
        )

    def that_can_be_had(self, ranked: Query) -> Query:
        """The matches that can be had."""
        can_be_had = unranked(Query.term_query(self._schema, CAN_BE_HAD, YES))
        return Query.boolean_query([(Occur.Must, ranked), (Occur.Must, can_be_had)])

    def prefer(self, ranked: Query, weight: float) -> Query:
        """The same products; what can be had gains a weight over what is sold out."""
        can_be_had = Query.const_score_query(
            Query.term_query(self._schema, CAN_BE_HAD, YES), weight
        )
        return Query.boolean_query([(Occur.Must, ranked), (Occur.Should, can_be_had)])

    def narrowing(self, view: View, within: Within, filters: Filters, rate: int) -> list[Query]:
        """One query for what is offered, for each bound and for each narrowed facet."""
        offered = Query.term_query(self._schema, "offered", f"{view.channel}/{view.currency}")
        found = [in_sample(self._schema, rate, offered)]
        if within.categories:
            found.append(self._one_of(CATEGORY, within.categories, rate))
        if within.hidden:
            found.append(self._without(within.hidden))
        found += [
            self._one_of("facet", [token(name, value) for value in values], rate)
            for name, values in filters.terms
        ]
        if filters.categories:
            found.append(self._one_of(CATEGORY, filters.categories, rate))
        if filters.prices:
            ranges = [self._price_range(view.currency, each) for each in filters.prices]
            found.append(any_of([in_sample(self._schema, rate, each) for each in ranges]))
        return [unranked(each) for each in found]

    def _merchandised(
        self, ranked: Query | None, weights: Weights, merchandising: Merchandising
    ) -> Query:
        """Pinned products first, whatever matches; boosted ones up, buried ones down."""
        ways = [] if ranked is None else [ranked]
        pins = len(merchandising.pinned)
        ways += [
            Query.const_score_query(
                Query.term_query(self._schema, "product_id", product_id.hex),
                _PINNED + (pins - at) * _PIN_STEP,
            )
            for at, product_id in enumerate(merchandising.pinned)
        ]
        clauses = [(Occur.Must, any_of(ways))]
        if merchandising.boosted:
            boost = exact(weights.title * _BOOST)
            boosted = Query.const_score_query(self._selected(merchandising.boosted), boost)
            clauses.append((Occur.Should, boosted))
        if merchandising.buried:
            buried = Query.const_score_query(self._selected(merchandising.buried), -_BURIED)
            clauses.append((Occur.Should, buried))
        return Query.boolean_query(clauses)

    def _selected(self, selectors: Sequence[Selector]) -> Query:
        ids, facets = tokens_of(selectors)
        ways = [self._one_of("product_id", [each.hex for each in ids])] if ids else []
        return any_of([*ways, *([self._one_of("facet", facets)] if facets else [])])

    def _without(self, selectors: Sequence[Selector]) -> Query:
        return Query.boolean_query(
            [(Occur.Must, Query.all_query()), (Occur.MustNot, self._selected(selectors))]
        )

    def _one_of(self, name: str, terms: Sequence[str], rate: int = EVERYTHING) -> Query:
        """A set of terms is matched against the whole dictionary, which a few need not be."""
        if len(terms) > _FEW_TERMS:
            return Query.term_set_query(self._schema, name, list(terms))
        ways = [Query.term_query(self._schema, name, term) for term in terms]
        return any_of([in_sample(self._schema, rate, each) for each in ways])

    def _price_range(self, currency: str, asked: PriceRange) -> Query:
        low = min(asked.from_minor, _BEYOND_ANY_PRICE) << TIE_BITS
        high = (
            min(
                asked.to_minor if asked.to_minor is not None else _BEYOND_ANY_PRICE,
                _BEYOND_ANY_PRICE,
            )
            << TIE_BITS
        )
        return Query.range_query(
            self._schema,
            price_field(currency),
            tantivy.FieldType.Integer,
            low,
            high,
            include_upper=False,
        )

    def category_counts(self, view: View) -> dict[str, int]:
        """Products directly in each category, by slug."""
        view = self._nearest(view)
        buckets = {CATEGORY: {"terms": {"field": CATEGORY, "size": 10_000}}}
        found = Found(self, view, Within(), NO_FILTERS)
        return found.counted(buckets, NO_FILTERS, rate=EVERYTHING)[CATEGORY]
