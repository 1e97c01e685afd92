"""Categories as messages."""

from collections.abc import Iterable

from catalog.categories.model import Category
from sojourn.catalog.v1 import catalog_pb2 as pb


def encode_crumbs(way: Iterable[Category], locale: str, fallback: str) -> list[pb.Crumb]:
    return [
        pb.Crumb(slug=category.slug, name=category.name_in(locale, fallback)) for category in way
    ]


def encode_category(
    category: Category, parent: Category | None, name: str, product_count: int
) -> pb.Category:
    return pb.Category(
        id=str(category.id),
        slug=category.slug,
        name=name,
        parent_slug=parent.slug if parent else "",
        product_count=product_count,
    )
