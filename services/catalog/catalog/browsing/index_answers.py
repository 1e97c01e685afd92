"""Answers from the search index, kept until the index or the directory changes."""

import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from catalog.browsing.derived import Derived
from catalog.browsing.facet_labels import labelled
from catalog.categories.model import Category, CategoryTree
from catalog.categories.wire import encode_category
from catalog.channels.model import View
from catalog.listings.facets import Filters
from catalog.reservations.actions import CatalogContext
from catalog.search.index import Found, Results, SearchIndex, SearchSort
from catalog.search.indexer import Indexer
from catalog.search.selection import Merchandising
from sojourn.catalog.v1 import catalog_pb2 as pb

V = TypeVar("V")
# Sizes of categories of a large catalogue are kept through changes for so many times of the CPU
# time that they took: for two seconds where that was 20 ms.
_KEPT_TIMES_COST: Final = 100


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Products by category, as an index had them, and how long they are good enough."""

    by_slug: dict[str, int]
    index: SearchIndex
    tree: CategoryTree
    until: float

    def is_good(self, index: SearchIndex, context: CatalogContext) -> bool:
        is_of_these = self.index is index and self.tree is context.tree
        return is_of_these and time.monotonic() < self.until


class IndexAnswers:
    """Results, facets, corrections and the sizes of categories."""

    def __init__(self, indexer: Indexer) -> None:
        self._indexer, self._derived = indexer, Derived()
        self._sizes = dict[View, _Sizes]()

    def encode_category(
        self, context: CatalogContext, view: View, category: Category
    ) -> pb.Category:
        """Returns a category with the number of its products."""
        fallback = context.channels.by_code[view.channel].locales[0]
        parent = context.tree.by_id.get(category.parent_id) if category.parent_id else None
        size = self.sizes(context, view).get(category.slug, 0)
        return encode_category(category, parent, category.name_in(view.locale, fallback), size)

    def sizes(self, context: CatalogContext, view: View) -> dict[str, int]:
        """Products in each category and below it, as the search index knows them, by slug."""
        index = self._indexer.index
        if not index.is_large:
            return self.known(context, ("sizes", view), lambda: self._count_sizes(context, view))
        kept = self._sizes.get(view)
        if kept is None or not kept.is_good(index, context):
            began = time.thread_time()
            sizes = self._count_sizes(context, view)
            # Counting looks at every product: at one change after the other, it is not done for
            # each of them.
            seconds = _KEPT_TIMES_COST * (time.thread_time() - began)
            kept = _Sizes(sizes, index, context.tree, time.monotonic() + seconds)
            self._sizes[view] = kept
        return kept.by_slug

    def _count_sizes(self, context: CatalogContext, view: View) -> dict[str, int]:
        tree, sizes = context.tree, dict[str, int]()
        for slug, count in self._indexer.index.category_counts(view).items():
            for above in tree.way_to(tree.by_slug[slug].id) if slug in tree.by_slug else []:
                sizes[above.slug] = sizes.get(above.slug, 0) + count
        return sizes

    def total(
        self, context: CatalogContext, view: View, category: Category | None, found: Found
    ) -> int:
        """Products of a listing: exactly for a whole category, which need not be counted again."""
        if category is not None and found.is_estimate and found.is_whole:
            return self.sizes(context, view).get(category.slug, 0)
        return found.total

    def results(
        self,
        context: CatalogContext,
        view: View,
        text: str,
        filters: Filters,
        rules: Merchandising,
        sort: SearchSort,
        offset: int,
        size: int,
    ) -> Results:
        """Returns one page of what a query finds."""
        return self.known(
            context,
            ("results", view, text, filters, rules, sort, offset, size),
            lambda: self.found(context, view, text, (), filters, rules).results(
                sort, offset=offset, size=size
            ),
        )

    def found(
        self,
        context: CatalogContext,
        view: View,
        text: str,
        slugs: Sequence[str],
        filters: Filters,
        rules: Merchandising,
    ) -> Found:
        """One understanding of a query, for its results and for its counts."""
        tuning = self._indexer.tuning
        return self.known(
            context,
            ("found", view, text, tuple(slugs), filters, rules),
            lambda: self._indexer.index.query(
                view,
                text,
                slugs,
                filters,
                weights=tuning.weights(view),
                synonyms=tuning.synonyms(view),
                merchandising=rules,
            ),
        )

    def facets(
        self,
        context: CatalogContext,
        view: View,
        text: str,
        slugs: Sequence[str],
        filters: Filters,
        rules: Merchandising,
    ) -> list[pb.Facet]:
        """Returns the counts over all that a query finds, with labels."""
        return self.known(
            context,
            ("facets", view, text, tuple(slugs), filters, rules),
            lambda: labelled(
                self.found(context, view, text, slugs, filters, rules).counts(),
                context,
                view,
                self._indexer.wording(view.locale),
            ),
        )

    def correction(
        self, context: CatalogContext, view: View, text: str, filters: Filters, rules: Merchandising
    ) -> str:
        """Returns a query with fewer mistakes; empty where the words are known."""
        found = self.found(context, view, text, (), filters, rules)
        if not found.unknown:
            return ""
        return self.known(
            context,
            ("correction", view, text),
            lambda: self._indexer.index.correct(view, text, found.unknown),
        )

    async def read(
        self, context: CatalogContext, key: Hashable, make: Callable[[], Awaitable[V]]
    ) -> V:
        """The same for what is read from the database."""
        return await self._derived.read(self._indexer.index, context, key, make)

    def known(self, context: CatalogContext, key: Hashable, make: Callable[[], V]) -> V:
        """Returns the value of `make`, kept under a key until index or directory change."""
        return self._derived.get_or_make(self._indexer.index, context, key, make)
