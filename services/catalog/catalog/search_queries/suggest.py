"""Suggestions while a shopper types: products, categories and frequent queries."""

from typing import Final
from uuid import UUID

from catalog.categories.model import Category
from catalog.channels.model import View
from catalog.reservations.actions import CatalogContext
from catalog.search.analysis import Analysis
from catalog.search.index import SearchIndex
from catalog.search.tuning import Tuning

MOST_PRODUCTS: Final = 6
MOST_CATEGORIES: Final = 4
MOST_QUERIES: Final = 6


def suggest_products(index: SearchIndex, tuning: Tuning, view: View, text: str) -> list[UUID]:
    """The best products for a text whose last word may be unfinished."""
    if not text.strip():
        return []
    return index.suggest(
        view,
        text,
        most=MOST_PRODUCTS,
        weights=tuning.weights(view),
        synonyms=tuning.synonyms(view),
    )


def suggest_categories(
    index: SearchIndex, context: CatalogContext, view: View, text: str, sizes: dict[str, int]
) -> list[Category]:
    """Categories with products whose names have words that begin so, the largest first."""
    analysis = index.analysis(view)
    typed = [word.text for word in analysis.words(text)]
    if not typed:
        return []
    fallback = context.channels.by_code[view.channel].locales[0]
    found = [
        category
        for category in context.tree.in_order
        if sizes.get(category.slug)
        and _has_all(typed, analysis, category.name_in(view.locale, fallback))
    ]
    return sorted(found, key=lambda each: -sizes[each.slug])[:MOST_CATEGORIES]


def _has_all(typed: list[str], analysis: Analysis, name: str) -> bool:
    words = [word.text for word in analysis.words(name)]
    return all(any(_is_in(part, word, analysis) for word in words) for part in typed)


def _is_in(part: str, word: str, analysis: Analysis) -> bool:
    return word.startswith(part) or (analysis.compounds and len(part) > 3 and part in word)
