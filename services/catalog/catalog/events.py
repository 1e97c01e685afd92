"""Events of the catalogue."""

from collections.abc import Iterable
from uuid import UUID

from catalog.categories.model import Category
from catalog.content_pages.model import Page
from catalog.products.model import Product
from sojourn.catalog.v1 import events_pb2 as pb
from sojourn.catalog.v1 import search_events_pb2


def product_changed(product: Product, way: Iterable[Category]) -> pb.ProductChanged:
    """Returns the event of a product; `way` leads from the root to its category."""
    return pb.ProductChanged(
        product_id=str(product.id),
        slug=product.slug,
        version=product.version,
        category_slugs=[category.slug for category in way],
    )


def category_changed(category: Category) -> pb.CategoryChanged:
    return pb.CategoryChanged(category_id=str(category.id), slug=category.slug)


def page_changed(page: Page) -> pb.PageChanged:
    return pb.PageChanged(slug=page.slug, version=page.version)


def reservation_expired(reservation_id: UUID) -> pb.ReservationExpired:
    return pb.ReservationExpired(reservation_id=str(reservation_id))


def search_setting_changed(
    kind: str, code: str, version: int
) -> search_events_pb2.SearchSettingChanged:
    """Returns the event of a setting of search; version 0 where it was deleted."""
    return search_events_pb2.SearchSettingChanged(kind=kind, code=code, version=version)
