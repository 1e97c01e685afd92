"""One replica of catalog for tests, served over real gRPC, with builders of what it imports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from catalog.browsing.browse import Browser
from catalog.directory import Directory
from catalog.listings.republish import follow_channels
from catalog.maintenance import timers
from catalog.media.store import DatabaseStore
from catalog.search.indexer import Indexer
from catalog.search_queries.query_log import QueryLog
from catalog.servicers.admin import CatalogAdminServicer
from catalog.servicers.catalog import CatalogServicer
from catalog.servicers.categories import CatalogAuditServicer, CategoryAdminServicer
from catalog.servicers.channels import ChannelAdminServicer
from catalog.servicers.content.discovery import DiscoveryServicer
from catalog.servicers.content.menus import MenuAdminServicer, MenuServicer
from catalog.servicers.content.pages import ContentServicer, PageAdminServicer
from catalog.servicers.content.seo import SeoAdminServicer
from catalog.servicers.content.share_links import ShareLinkAdminServicer, ShareLinkServicer
from catalog.servicers.engagement.registration import add_engagement
from catalog.servicers.files.registration import add_files
from catalog.servicers.pickup_locations import (
    PickupLocationAdminServicer,
    PickupLocationServicer,
)
from catalog.servicers.prices import PriceListServicer
from catalog.servicers.product_admin import ProductAdminServicer
from catalog.servicers.search import SearchServicer
from catalog.servicers.search_admin import SearchAdminServicer
from catalog.servicers.stock import StockServicer
from catalog.servicers.stock_admin import StockAdminServicer
from catalog.servicers.warehouses import WarehouseServicer
from chassis.data.database import Database
from chassis.data.timers import TimerRunner
from chassis.rpc.client import Peer
from chassis.runtime.clock import Clock, uuid7
from chassis.testing import ServiceUnderTest, Tokens, eventually
from sojourn.catalog.v1 import (
    attributes_pb2_grpc,
    bundles_pb2_grpc,
    catalog_jobs_pb2_grpc,
    category_admin_pb2_grpc,
    channels_pb2_grpc,
    content_pb2_grpc,
    digital_goods_pb2_grpc,
    discovery_pb2_grpc,
    gift_card_variants_pb2_grpc,
    media_pb2_grpc,
    menus_pb2_grpc,
    pickup_locations_pb2_grpc,
    prices_pb2_grpc,
    product_admin_pb2_grpc,
    search_pb2_grpc,
    seo_pb2_grpc,
    share_links_pb2_grpc,
    stock_admin_pb2,
    stock_admin_pb2_grpc,
    warehouses_pb2,
    warehouses_pb2_grpc,
)
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import catalog_pb2_grpc as pb_grpc
from sojourn.catalog.v1 import search_admin_pb2_grpc as search_pb_grpc
from sojourn.common.v1.money_pb2 import Money
from sojourn.common.v1.page_pb2 import Page


def a_price(
    amount_minor: int = 50_00, *, before: int | None = None, currency: str = "EUR"
) -> pb.PriceInput:
    price = pb.PriceInput(price=Money(amount_minor=amount_minor, currency=currency))
    if before is not None:
        price.compare_at.CopyFrom(Money(amount_minor=before, currency=currency))
    return price


def a_variant(
    *, sku: str = "", stock: int = 10, price: int = 50_00, warehouse: str = "", **options: str
) -> pb.VariantInput:
    return pb.VariantInput(
        sku=sku or f"SKU-{uuid7().hex[-12:]}",
        options=[pb.OptionValue(name=name, value=value) for name, value in options.items()],
        prices=[a_price(price), a_price(price + 5_00, currency="USD")],
        initial_stock={warehouse: stock},
        weight_grams=300,
        volume_cm3=4_500,
    )


def a_product(
    name: str = "Rain Jacket",
    *,
    variants: list[pb.VariantInput] | None = None,
    stock: int = 10,
    **fields: Any,
) -> pb.ProductInput:
    given: dict[str, Any] = {
        "external_id": f"x-{uuid7().hex[-12:]}",
        "title": {"en": name},
        "description": {"en": f"A {name.lower()} for every day."},
        "brand": "Northfell",
        "published": True,
        "variants": variants or [a_variant(stock=stock)],
        **fields,
    }
    return pb.ProductInput(**given)


@dataclass
class Client:
    """A caller of catalog, or of its fakes, by the contract alone."""

    peer: Peer
    tokens: Tokens
    clock: Clock
    catalog: pb_grpc.CatalogServiceStub = field(init=False)
    stock: pb_grpc.StockServiceStub = field(init=False)

    def __post_init__(self) -> None:
        self.catalog = self.peer.stub(pb_grpc.CatalogServiceStub)
        self.stock = self.peer.stub(pb_grpc.StockServiceStub)
        self._checkout = self.tokens.service("checkout", "stock.reserve")

    async def ask(self, method: Any, request: Message, **options: Any) -> Any:
        return await self.peer.ask(method, request, **options)

    async def as_checkout(self, method: Any, request: Message) -> Any:
        return await self.ask(method, request, authorization=self._checkout, timeout=20)

    async def offers(
        self,
        *variant_ids: str,
        currency: str = "",
        authorization: str = "",
        synthetic: bool = False,
    ) -> pb.GetOffersResponse:
        request = pb.GetOffersRequest(
            variant_ids=variant_ids, view=pb.View(currency=currency), synthetic=synthetic
        )
        return await self.ask(self.catalog.GetOffers, request, authorization=authorization)  # type: ignore[no-any-return]

    async def reserve(
        self,
        lines: dict[str, int],
        *,
        reservation_id: str = "",
        minutes: float = 15,
        channel: str = "",
        pickup_location: str = "",
    ) -> pb.Reservation:
        request = pb.ReserveRequest(
            reservation_id=reservation_id or str(uuid7()),
            lines=[
                pb.StockLine(variant_id=variant_id, quantity=quantity)
                for variant_id, quantity in lines.items()
            ],
            channel=channel,
            pickup_location=pickup_location,
        )
        request.expires_at.FromDatetime(self.clock.now() + timedelta(minutes=minutes))
        return await self.as_checkout(self.stock.Reserve, request)  # type: ignore[no-any-return]

    async def confirm(self, reservation_id: str) -> pb.Reservation:
        return await self.as_checkout(
            self.stock.ConfirmReservation,
            pb.ConfirmReservationRequest(reservation_id=reservation_id),
        )  # type: ignore[no-any-return]

    async def release(self, reservation_id: str, *, restock: bool = False) -> pb.Reservation:
        request = pb.ReleaseReservationRequest(reservation_id=reservation_id, restock=restock)
        return await self.as_checkout(self.stock.ReleaseReservation, request)  # type: ignore[no-any-return]

    async def restock(
        self,
        reservation_id: str,
        lines: dict[str, int],
        restock_id: str = "",
        *,
        warehouse: str = "",
        reason: pb.RestockReason.ValueType = pb.RESTOCK_REASON_CANCELLATION,
    ) -> pb.Reservation:
        request = pb.RestockReservationRequest(
            reservation_id=reservation_id,
            restock_id=restock_id or str(uuid7()),
            lines=[
                pb.StockLine(variant_id=variant_id, quantity=quantity)
                for variant_id, quantity in lines.items()
            ],
            reason=reason,
            warehouse=warehouse,
        )
        return await self.as_checkout(self.stock.RestockReservation, request)  # type: ignore[no-any-return]  # the helper answers any RPC


@dataclass
class Replica(Client):
    """One replica of the real service."""

    database: Database
    indexer: Indexer
    directory: Directory
    browser: Browser
    queries: QueryLog
    admin: pb_grpc.CatalogAdminServiceStub = field(init=False)
    suggestions: search_pb2_grpc.SearchServiceStub = field(init=False)
    search_admin: search_pb_grpc.SearchAdminServiceStub = field(init=False)
    products: product_admin_pb2_grpc.ProductAdminServiceStub = field(init=False)
    channels: channels_pb2_grpc.ChannelAdminServiceStub = field(init=False)
    categories: category_admin_pb2_grpc.CategoryAdminServiceStub = field(init=False)
    audit: category_admin_pb2_grpc.CatalogAuditServiceStub = field(init=False)
    stock_admin: stock_admin_pb2_grpc.StockAdminServiceStub = field(init=False)
    warehouses: warehouses_pb2_grpc.WarehouseServiceStub = field(init=False)
    prices: prices_pb2_grpc.PriceListServiceStub = field(init=False)
    attributes: attributes_pb2_grpc.AttributeDefinitionServiceStub = field(init=False)
    comparisons: attributes_pb2_grpc.ComparisonServiceStub = field(init=False)
    bundles: bundles_pb2_grpc.BundleServiceStub = field(init=False)
    gift_cards: gift_card_variants_pb2_grpc.GiftCardVariantServiceStub = field(init=False)
    digital: digital_goods_pb2_grpc.DigitalGoodServiceStub = field(init=False)
    downloads: digital_goods_pb2_grpc.DownloadServiceStub = field(init=False)
    media: media_pb2_grpc.MediaServiceStub = field(init=False)
    media_admin: media_pb2_grpc.MediaAdminServiceStub = field(init=False)
    seo: seo_pb2_grpc.SeoAdminServiceStub = field(init=False)
    content: content_pb2_grpc.ContentServiceStub = field(init=False)
    pages: content_pb2_grpc.PageAdminServiceStub = field(init=False)
    discovery: discovery_pb2_grpc.DiscoveryServiceStub = field(init=False)
    sharing: share_links_pb2_grpc.ShareLinkServiceStub = field(init=False)
    share_links: share_links_pb2_grpc.ShareLinkAdminServiceStub = field(init=False)
    menus: menus_pb2_grpc.MenuServiceStub = field(init=False)
    menu_admin: menus_pb2_grpc.MenuAdminServiceStub = field(init=False)
    imports: catalog_jobs_pb2_grpc.CatalogImportServiceStub = field(init=False)
    exports: catalog_jobs_pb2_grpc.CatalogExportServiceStub = field(init=False)
    pickup: pickup_locations_pb2_grpc.PickupLocationServiceStub = field(init=False)
    pickup_admin: pickup_locations_pb2_grpc.PickupLocationAdminServiceStub = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.products = self.peer.stub(product_admin_pb2_grpc.ProductAdminServiceStub)
        self.categories = self.peer.stub(category_admin_pb2_grpc.CategoryAdminServiceStub)
        self.audit = self.peer.stub(category_admin_pb2_grpc.CatalogAuditServiceStub)
        self.channels = self.peer.stub(channels_pb2_grpc.ChannelAdminServiceStub)
        self.admin = self.peer.stub(pb_grpc.CatalogAdminServiceStub)
        self.suggestions = self.peer.stub(search_pb2_grpc.SearchServiceStub)
        self.search_admin = self.peer.stub(search_pb_grpc.SearchAdminServiceStub)
        self.stock_admin = self.peer.stub(stock_admin_pb2_grpc.StockAdminServiceStub)
        self.warehouses = self.peer.stub(warehouses_pb2_grpc.WarehouseServiceStub)
        self.prices = self.peer.stub(prices_pb2_grpc.PriceListServiceStub)
        self.attributes = self.peer.stub(attributes_pb2_grpc.AttributeDefinitionServiceStub)
        self.comparisons = self.peer.stub(attributes_pb2_grpc.ComparisonServiceStub)
        self.bundles = self.peer.stub(bundles_pb2_grpc.BundleServiceStub)
        self.gift_cards = self.peer.stub(gift_card_variants_pb2_grpc.GiftCardVariantServiceStub)
        self.digital = self.peer.stub(digital_goods_pb2_grpc.DigitalGoodServiceStub)
        self.downloads = self.peer.stub(digital_goods_pb2_grpc.DownloadServiceStub)
        self.media = self.peer.stub(media_pb2_grpc.MediaServiceStub)
        self.media_admin = self.peer.stub(media_pb2_grpc.MediaAdminServiceStub)
        self.seo = self.peer.stub(seo_pb2_grpc.SeoAdminServiceStub)
        self.content = self.peer.stub(content_pb2_grpc.ContentServiceStub)
        self.pages = self.peer.stub(content_pb2_grpc.PageAdminServiceStub)
        self.discovery = self.peer.stub(discovery_pb2_grpc.DiscoveryServiceStub)
        self.sharing = self.peer.stub(share_links_pb2_grpc.ShareLinkServiceStub)
        self.share_links = self.peer.stub(share_links_pb2_grpc.ShareLinkAdminServiceStub)
        self.menus = self.peer.stub(menus_pb2_grpc.MenuServiceStub)
        self.menu_admin = self.peer.stub(menus_pb2_grpc.MenuAdminServiceStub)
        self.imports = self.peer.stub(catalog_jobs_pb2_grpc.CatalogImportServiceStub)
        self.exports = self.peer.stub(catalog_jobs_pb2_grpc.CatalogExportServiceStub)
        self.pickup = self.peer.stub(pickup_locations_pb2_grpc.PickupLocationServiceStub)
        self.pickup_admin = self.peer.stub(pickup_locations_pb2_grpc.PickupLocationAdminServiceStub)
        self._staff = self.tokens.staff("catalog.write")

    async def as_staff(
        self, method: Any, request: Message, *, key: str = "", timeout: float = 20
    ) -> Any:
        return await self.ask(
            method, request, authorization=self._staff, key=key or str(uuid7()), timeout=timeout
        )

    async def import_products(
        self, *products: pb.ProductInput, source: str = "test", key: str = ""
    ) -> pb.ImportProductsResponse:
        request = pb.ImportProductsRequest(source=source, products=products)
        return await self.as_staff(self.admin.ImportProducts, request, key=key)  # type: ignore[no-any-return]

    async def import_categories(self, *categories: pb.CategoryInput) -> pb.ImportCategoriesResponse:
        return await self.as_staff(
            self.admin.ImportCategories, pb.ImportCategoriesRequest(categories=categories)
        )  # type: ignore[no-any-return]

    async def product(self, slug: str = "", *, id: str = "", **view: str) -> pb.Product:
        return await self.ask(
            self.catalog.GetProduct, pb.GetProductRequest(slug=slug, id=id, view=pb.View(**view))
        )  # type: ignore[no-any-return]

    async def listing(
        self, category: str = "", *, size: int = 0, token: str = "", **fields: Any
    ) -> pb.ListProductsResponse:
        request = pb.ListProductsRequest(
            category_slug=category, page=Page(size=size, token=token), **fields
        )
        return await self.ask(self.catalog.ListProducts, request)  # type: ignore[no-any-return]

    async def search(
        self, query: str = "", *, size: int = 0, token: str = "", **fields: Any
    ) -> pb.SearchProductsResponse:
        request = pb.SearchProductsRequest(query=query, page=Page(size=size, token=token), **fields)
        return await self.ask(self.catalog.SearchProducts, request)  # type: ignore[no-any-return]

    async def variant(self, *, stock: int, **fields: Any) -> str:
        """The id of the only variant of a new product with so much on hand."""
        imported = await self.import_products(
            a_product(variants=[a_variant(stock=stock, **fields)])
        )
        return (await self.product(id=imported.product_ids[0])).variants[0].id

    async def set_stock(self, sku: str, on_hand: int, *, warehouse: str = "") -> pb.StockLevel:
        return await self.as_staff(
            self.admin.SetStock, pb.SetStockRequest(sku=sku, on_hand=on_hand, warehouse=warehouse)
        )  # type: ignore[no-any-return]

    async def warehouse(self, code: str, **fields: Any) -> warehouses_pb2.Warehouse:
        """Makes a warehouse."""
        request = warehouses_pb2.CreateWarehouseRequest(
            **{"code": code, "name": code.title(), "country": "DE", **fields}
        )
        return await self.as_staff(self.warehouses.CreateWarehouse, request)  # type: ignore[no-any-return]

    async def adjust(
        self, *lines: stock_admin_pb2.StockAdjustment, reference: str = "", key: str = ""
    ) -> stock_admin_pb2.StockMovements:
        request = stock_admin_pb2.AdjustStockRequest(lines=lines, reference=reference)
        return await self.as_staff(self.stock_admin.AdjustStock, request, key=key)  # type: ignore[no-any-return]

    async def transfer(
        self, source: str, destination: str, lines: dict[str, int], *, key: str = ""
    ) -> stock_admin_pb2.StockMovements:
        request = stock_admin_pb2.TransferStockRequest(
            source=source,
            destination=destination,
            lines=[
                stock_admin_pb2.SkuQuantity(sku=sku, quantity=quantity)
                for sku, quantity in lines.items()
            ],
        )
        return await self.as_staff(self.stock_admin.TransferStock, request, key=key)  # type: ignore[no-any-return]

    async def counts(self, variant_id: str) -> tuple[int, int]:
        """On hand and reserved over all warehouses."""
        async with self.database.read() as read:
            record = await read.fetch_one(
                "SELECT sum(on_hand)::int, sum(reserved)::int FROM stock_level WHERE variant_id = "
                "%s",
                [UUID(variant_id)],
            )
        assert record is not None
        return record[0], record[1]

    async def found(
        self, query: str, *, count: int = 1, **fields: Any
    ) -> pb.SearchProductsResponse:
        """Results, once there are so many: the index follows the database."""

        async def look() -> pb.SearchProductsResponse | None:
            results = await self.search(query, **fields)
            return results if results.total_count == count else None

        results = await eventually(look)
        assert results is not None
        return results


async def forget_events(database: Database) -> None:
    async with database.tx() as tx:
        await tx.run("DELETE FROM outbox")


@asynccontextmanager
async def replica(database: Database) -> AsyncIterator[Replica]:
    """A replica with its search index and its timers."""
    directory = Directory()
    indexer = Indexer(database, directory, poll_seconds=0.05)
    queries = QueryLog(database)
    browser = Browser(database, directory, indexer, queries)
    async with ServiceUnderTest(database) as service:
        verifier = service.tokens.verifier()
        await service.run(
            indexer.run,
            TimerRunner(database, timers(database, directory)).run,
            lambda: follow_channels(database),
        )
        peer = await service.serve(
            partial(
                pb_grpc.add_CatalogServiceServicer_to_server,
                CatalogServicer(database, verifier, directory, browser),
            ),
            partial(
                pb_grpc.add_CatalogAdminServiceServicer_to_server,
                CatalogAdminServicer(database, verifier, directory),
            ),
            partial(
                search_pb2_grpc.add_SearchServiceServicer_to_server,
                SearchServicer(database, verifier, directory, browser),
            ),
            partial(
                category_admin_pb2_grpc.add_CategoryAdminServiceServicer_to_server,
                CategoryAdminServicer(database, verifier),
            ),
            partial(
                category_admin_pb2_grpc.add_CatalogAuditServiceServicer_to_server,
                CatalogAuditServicer(database, verifier),
            ),
            partial(
                search_pb_grpc.add_SearchAdminServiceServicer_to_server,
                SearchAdminServicer(database, verifier, directory),
            ),
            partial(
                channels_pb2_grpc.add_ChannelAdminServiceServicer_to_server,
                ChannelAdminServicer(database, verifier),
            ),
            partial(
                product_admin_pb2_grpc.add_ProductAdminServiceServicer_to_server,
                ProductAdminServicer(database, verifier, directory),
            ),
            partial(
                pb_grpc.add_StockServiceServicer_to_server,
                StockServicer(database, verifier, directory),
            ),
            partial(
                stock_admin_pb2_grpc.add_StockAdminServiceServicer_to_server,
                StockAdminServicer(database, verifier, directory),
            ),
            partial(
                pickup_locations_pb2_grpc.add_PickupLocationServiceServicer_to_server,
                PickupLocationServicer(database, verifier, directory),
            ),
            partial(
                pickup_locations_pb2_grpc.add_PickupLocationAdminServiceServicer_to_server,
                PickupLocationAdminServicer(database, verifier),
            ),
            partial(
                add_engagement,
                database=database,
                verifier=verifier,
                directory=directory,
                browser=browser,
                allows_test_domains=True,
            ),
            partial(
                prices_pb2_grpc.add_PriceListServiceServicer_to_server,
                PriceListServicer(database, verifier, directory),
            ),
            lambda server: add_files(
                server,
                database,
                verifier,
                directory,
                browser,
                DatabaseStore(database),
                download_link_lifetime=timedelta(hours=1),
            ),
            partial(
                warehouses_pb2_grpc.add_WarehouseServiceServicer_to_server,
                WarehouseServicer(database, verifier),
            ),
            partial(
                seo_pb2_grpc.add_SeoAdminServiceServicer_to_server,
                SeoAdminServicer(database, verifier, directory),
            ),
            partial(
                content_pb2_grpc.add_ContentServiceServicer_to_server,
                ContentServicer(database, verifier, directory),
            ),
            partial(
                content_pb2_grpc.add_PageAdminServiceServicer_to_server,
                PageAdminServicer(database, verifier, directory),
            ),
            partial(
                discovery_pb2_grpc.add_DiscoveryServiceServicer_to_server,
                DiscoveryServicer(database, verifier, directory),
            ),
            partial(
                share_links_pb2_grpc.add_ShareLinkServiceServicer_to_server,
                ShareLinkServicer(database, verifier, directory),
            ),
            partial(
                share_links_pb2_grpc.add_ShareLinkAdminServiceServicer_to_server,
                ShareLinkAdminServicer(database, verifier, directory),
            ),
            partial(
                menus_pb2_grpc.add_MenuServiceServicer_to_server,
                MenuServicer(database, verifier, directory),
            ),
            partial(
                menus_pb2_grpc.add_MenuAdminServiceServicer_to_server,
                MenuAdminServicer(database, verifier, directory),
            ),
            name="catalog",
        )
        await eventually(lambda: indexer.is_built)
        yield Replica(
            peer, service.tokens, database.clock, database, indexer, directory, browser, queries
        )
