"""Answers from the search index, kept until the index or the directory changes."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TypeVar

from catalog.browsing.derived import Derived
from catalog.browsing.facet_labels import labelled
from catalog.categories.model import Category
from catalog.categories.wire import encode_category
from catalog.channels.model import View
from catalog.listings.facets import Filters
from catalog.reservations.actions import CatalogContext
from catalog.search.index import Found, Results, SearchSort
from catalog.search.indexer import Indexer
from catalog.search.selection import Merchandising
from sojourn.catalog.v1 import catalog_pb2 as pb

V = TypeVar("V")


class IndexAnswers:
    """Results, facets, corrections and the sizes of categories."""

    def __init__(self, indexer: Indexer) -> None:
        self._indexer, self._derived = indexer, Derived()

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
        tree = context.tree

        def make() -> dict[str, int]:
            sizes: dict[str, int] = {}
            for slug, count in self._indexer.index.category_counts(view).items():
                for above in tree.way_to(tree.by_slug[slug].id) if slug in tree.by_slug else []:
                    sizes[above.slug] = sizes.get(above.slug, 0) + count
            return sizes

        return self.known(context, ("sizes", view), make)

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
