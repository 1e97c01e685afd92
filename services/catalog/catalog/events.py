"""Events of the catalogue."""

from collections.abc import Iterable
from uuid import UUID

from catalog.categories.model import Category
from catalog.channels.model import Channel
from catalog.content_pages.model import Page
from catalog.pickup_locations.model import PickupLocation
from catalog.prices.model import PriceList
from catalog.products.model import Product, Variant
from catalog.stock.model import StockLevel
from catalog.warehouses.model import Warehouse
from chassis.rpc.wire import money
from sojourn.catalog.v1 import content_events_pb2 as content_pb
from sojourn.catalog.v1 import events_pb2 as pb
from sojourn.catalog.v1 import search_events_pb2
from sojourn.catalog.v1 import stock_events_pb2 as stock_pb


def product_changed(product: Product, way: Iterable[Category]) -> pb.ProductChanged:
    """Returns the event of a product; `way` leads from the root to its category."""
    return pb.ProductChanged(
        product_id=str(product.id),
        slug=product.slug,
        version=product.version,
        category_slugs=[category.slug for category in way],
    )


def product_deleted(product_id: UUID, slug: str) -> pb.ProductDeleted:
    return pb.ProductDeleted(product_id=str(product_id), slug=slug)


def variant_cost_changed(variant: Variant) -> pb.VariantCostChanged:
    """Returns the event of a variant's cost, which may be known no longer."""
    event = pb.VariantCostChanged(variant_id=str(variant.id))
    if (cost := variant.unit_cost) is not None:
        event.unit_cost.CopyFrom(money(*cost))
    return event


def channel_changed(channel: Channel) -> pb.ChannelChanged:
    return pb.ChannelChanged(code=channel.code, version=channel.version)


def channel_deleted(code: str) -> pb.ChannelChanged:
    return pb.ChannelChanged(code=code)


def category_changed(category: Category) -> pb.CategoryChanged:
    return pb.CategoryChanged(category_id=str(category.id), slug=category.slug)


def category_deleted(category: Category) -> pb.CategoryDeleted:
    return pb.CategoryDeleted(category_id=str(category.id), slug=category.slug)


def page_changed(page: Page) -> pb.PageChanged:
    return pb.PageChanged(slug=page.slug, version=page.version)


def reservation_expired(reservation_id: UUID) -> pb.ReservationExpired:
    return pb.ReservationExpired(reservation_id=str(reservation_id))


def search_setting_changed(
    kind: str, code: str, version: int
) -> search_events_pb2.SearchSettingChanged:
    """Returns the event of a setting of search; version 0 where it was deleted."""
    return search_events_pb2.SearchSettingChanged(kind=kind, code=code, version=version)


def warehouse_changed(warehouse: Warehouse) -> stock_pb.WarehouseChanged:
    return stock_pb.WarehouseChanged(code=warehouse.code, version=warehouse.version)


def warehouse_deleted(code: str) -> stock_pb.WarehouseDeleted:
    return stock_pb.WarehouseDeleted(code=code)


def stock_low(level: StockLevel, sku: str) -> stock_pb.StockLow:
    """Returns the event of a level that fell to its threshold."""
    return stock_pb.StockLow(
        variant_id=str(level.variant_id),
        sku=sku,
        warehouse=level.warehouse,
        left=level.on_hand - level.reserved,
        low_stock_at_most=level.low_stock_at_most or 0,
    )


def stock_adjusted(level: StockLevel) -> stock_pb.StockAdjusted:
    return stock_pb.StockAdjusted(
        variant_id=str(level.variant_id),
        warehouse=level.warehouse,
        on_hand=level.on_hand,
        version=level.version,
    )


def pickup_location_changed(location: PickupLocation) -> stock_pb.PickupLocationChanged:
    return stock_pb.PickupLocationChanged(code=location.code, version=location.version)


def pickup_location_deleted(code: str) -> stock_pb.PickupLocationDeleted:
    return stock_pb.PickupLocationDeleted(code=code)


def price_list_changed(price_list: PriceList) -> stock_pb.PriceListChanged:
    return stock_pb.PriceListChanged(code=price_list.code, version=price_list.version)


def price_list_deleted(code: str) -> stock_pb.PriceListDeleted:
    return stock_pb.PriceListDeleted(code=code)


def seo_setting_changed(kind: str, owner_id: UUID, version: int) -> content_pb.SeoSettingChanged:
    """Returns the event of texts for search engines; version 0 where they were deleted."""
    return content_pb.SeoSettingChanged(kind=kind, owner_id=str(owner_id), version=version)


def storefront_changed(channel: str, version: int) -> content_pb.StorefrontChanged:
    return content_pb.StorefrontChanged(channel=channel, version=version)


def menu_changed(menu_id: UUID, code: str, channel: str, version: int) -> content_pb.MenuChanged:
    """Returns the event of a menu; version 0 where it was deleted."""
    return content_pb.MenuChanged(menu_id=str(menu_id), code=code, channel=channel, version=version)


def page_draft_changed(page_id: UUID, slug: str, number: int) -> content_pb.PageDraftChanged:
    return content_pb.PageDraftChanged(page_id=str(page_id), slug=slug, number=number)


def page_deleted(page_id: UUID, slug: str) -> content_pb.PageDeleted:
    return content_pb.PageDeleted(page_id=str(page_id), slug=slug)


def share_link_changed(code: str, version: int) -> content_pb.ShareLinkChanged:
    """Returns the event of a short link; version 0 where it was deleted."""
    return content_pb.ShareLinkChanged(code=code, version=version)
