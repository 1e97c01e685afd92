"""The composition root:

`python -m catalog serve | work | all | migrate | dead-letters | import | export | republish`.
"""

from datetime import timedelta
from functools import partial

from catalog import commands, handlers
from catalog.browsing.browse import Browser
from catalog.directory import Directory
from catalog.jobs.run_import import run_imports
from catalog.listings.republish import follow_channels, keep_republished
from catalog.maintenance import audit_stock, keep_deleting_abandoned, timers
from catalog.media.store import open_store
from catalog.related.together import TogetherSettings
from catalog.search.indexer import Indexer
from catalog.search_queries.query_log import QueryLog
from catalog.search_snapshots.keeper import SnapshotKeeper
from catalog.seo.directory import SeoDirectory
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
from catalog.settings import Settings
from catalog.synthetic_product import prepare
from chassis.runtime.cli import main
from chassis.runtime.service import Service
from sojourn.catalog.v1 import catalog_pb2_grpc as pb_grpc
from sojourn.catalog.v1 import (
    category_admin_pb2_grpc,
    channels_pb2_grpc,
    product_admin_pb2_grpc,
    search_pb2_grpc,
)
from sojourn.catalog.v1 import content_pb2_grpc as content_grpc
from sojourn.catalog.v1 import discovery_pb2_grpc as discovery_grpc
from sojourn.catalog.v1 import menus_pb2_grpc as menus_grpc
from sojourn.catalog.v1 import pickup_locations_pb2_grpc as pickup_grpc
from sojourn.catalog.v1 import prices_pb2_grpc as prices_grpc
from sojourn.catalog.v1 import search_admin_pb2_grpc as search_pb_grpc
from sojourn.catalog.v1 import seo_pb2_grpc as seo_grpc
from sojourn.catalog.v1 import share_links_pb2_grpc as share_links_grpc
from sojourn.catalog.v1 import stock_admin_pb2_grpc as stock_admin_grpc
from sojourn.catalog.v1 import warehouses_pb2_grpc as warehouses_grpc


def build(settings: Settings) -> Service:
    """The service, ready to run in any role."""
    service = Service("catalog", settings)
    directory = Directory()
    store = open_store(settings, service.database)
    indexer = Indexer(
        service.database,
        directory,
        poll_seconds=settings.search_poll_seconds,
        folder=settings.search_folder,
        opens_snapshots=settings.search_snapshot_changes > 0,
    )
    if settings.grpc_port:
        mine = (service.database, service.verifier, directory)
        queries = QueryLog(service.database)
        seo = SeoDirectory()
        browser = Browser(service.database, directory, indexer, queries)
        service.beside_serving(queries.run)
        pb_grpc.add_CatalogServiceServicer_to_server(
            CatalogServicer(*mine, browser, seo), service.server
        )
        search_pb2_grpc.add_SearchServiceServicer_to_server(
            SearchServicer(*mine, browser, seo), service.server
        )
        pb_grpc.add_CatalogAdminServiceServicer_to_server(
            CatalogAdminServicer(*mine), service.server
        )
        category_admin_pb2_grpc.add_CategoryAdminServiceServicer_to_server(
            CategoryAdminServicer(service.database, service.verifier), service.server
        )
        category_admin_pb2_grpc.add_CatalogAuditServiceServicer_to_server(
            CatalogAuditServicer(service.database, service.verifier), service.server
        )
        search_pb_grpc.add_SearchAdminServiceServicer_to_server(
            SearchAdminServicer(*mine), service.server
        )
        channels_pb2_grpc.add_ChannelAdminServiceServicer_to_server(
            ChannelAdminServicer(service.database, service.verifier), service.server
        )
        product_admin_pb2_grpc.add_ProductAdminServiceServicer_to_server(
            ProductAdminServicer(*mine), service.server
        )
        pb_grpc.add_StockServiceServicer_to_server(StockServicer(*mine), service.server)
        stock_admin_grpc.add_StockAdminServiceServicer_to_server(
            StockAdminServicer(*mine), service.server
        )
        pickup_grpc.add_PickupLocationServiceServicer_to_server(
            PickupLocationServicer(*mine), service.server
        )
        pickup_grpc.add_PickupLocationAdminServiceServicer_to_server(
            PickupLocationAdminServicer(service.database, service.verifier), service.server
        )
        add_engagement(
            service.server,
            *mine,
            browser,
            allows_test_domains=settings.environment == "development",
        )
        prices_grpc.add_PriceListServiceServicer_to_server(PriceListServicer(*mine), service.server)
        add_files(
            service.server,
            *mine,
            browser,
            store,
            download_link_lifetime=timedelta(seconds=settings.download_link_seconds),
        )
        warehouses_grpc.add_WarehouseServiceServicer_to_server(
            WarehouseServicer(service.database, service.verifier), service.server
        )
        seo_grpc.add_SeoAdminServiceServicer_to_server(SeoAdminServicer(*mine), service.server)
        content_grpc.add_ContentServiceServicer_to_server(
            ContentServicer(*mine, seo), service.server
        )
        content_grpc.add_PageAdminServiceServicer_to_server(
            PageAdminServicer(*mine, seo), service.server
        )
        discovery_grpc.add_DiscoveryServiceServicer_to_server(
            DiscoveryServicer(*mine, seo), service.server
        )
        share_links_grpc.add_ShareLinkServiceServicer_to_server(
            ShareLinkServicer(*mine, seo), service.server
        )
        share_links_grpc.add_ShareLinkAdminServiceServicer_to_server(
            ShareLinkAdminServicer(*mine), service.server
        )
        menus_grpc.add_MenuServiceServicer_to_server(MenuServicer(*mine, seo), service.server)
        menus_grpc.add_MenuAdminServiceServicer_to_server(MenuAdminServicer(*mine), service.server)
    if settings.synthetic_product:
        service.before_ready(partial(prepare, service.database, directory))
    service.beside_serving(indexer.run)
    service.before_ready(indexer.until_built)
    if settings.search_snapshot_changes:
        keeper = SnapshotKeeper(
            service.database,
            settings.database_url.get_secret_value(),
            indexer,
            after_changes=settings.search_snapshot_changes,
            every_seconds=settings.search_snapshot_seconds,
        )
        service.beside_serving(keeper.run)
    service.beside_working(
        lambda: audit_stock(service.database, every_seconds=settings.stock_audit_seconds)
    )
    service.beside_working(lambda: keep_republished(service.database))
    service.beside_working(lambda: follow_channels(service.database))
    service.beside_working(lambda: run_imports(service.database, directory))
    service.beside_working(lambda: keep_deleting_abandoned(service.database, store))
    together = TogetherSettings(
        settings.bought_together_least_orders,
        settings.bought_together_most,
        settings.bought_together_seconds,
    )
    mailed = timedelta(days=settings.mailed_download_link_days)
    service.handle(handlers.events(together, mailed_link_lifetime=mailed))
    service.time(
        timers(service.database, directory, together, rules_seconds=settings.relation_rules_seconds)
    )
    return service


if __name__ == "__main__":
    main(
        "catalog",
        Settings,
        build,
        **commands.COMMANDS,
    )
