"""Requests for listings and results as values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from catalog.categories.model import Category, CategoryTree
from catalog.channels.model import View
from catalog.listings import facets
from catalog.listings.facets import Filters
from catalog.listings.model import Sort
from catalog.reservations.actions import CatalogContext
from catalog.search.index import MOST_RESULTS
from catalog.search.selection import Merchandising
from chassis.pagination import position_of
from chassis.rpc.errors import InvalidPageToken
from sojourn.catalog.v1 import catalog_pb2 as pb


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing as it is asked for."""

    context: CatalogContext
    view: View
    category: Category | None
    filters: Filters
    sort: Sort
    rules: Merchandising


def filters_of_request(tree: CategoryTree, asked: Sequence[pb.FacetFilter]) -> Filters:
    """Returns filters for index and listings: a category stands for its whole branch."""
    filters = facets.filters_of((each.name, each.values) for each in asked)
    if not filters.categories:
        return filters
    chosen = {below.slug for slug in filters.categories for below in tree.below(tree.get(slug))}
    return replace(filters, categories=tuple(sorted(chosen)))


def categories_within(
    tree: CategoryTree, category: Category | None, filters: Filters
) -> list[UUID] | None:
    """The categories to read a listing from; None for everything."""
    if category is None and not filters.categories:
        return None
    chosen = tree.below(category) if category else tree.in_order
    return [each.id for each in chosen if not filters.categories or each.slug in filters.categories]


def position_in_listing(page_token: str) -> list[Any] | None:
    """The position in a listing's token: of (key, id), or of (key, id, part) with rules."""
    try:
        return position_of(page_token, length=2)
    except InvalidPageToken:
        return position_of(page_token, length=3)


def offset_in_results(page_token: str) -> int:
    """Returns the number of results before a page. Raises InvalidPageToken."""
    position = position_of(page_token, length=1)
    if position is None:
        return 0
    if type(position[0]) is not int or not 0 < position[0] < MOST_RESULTS:
        raise InvalidPageToken
    return position[0]
