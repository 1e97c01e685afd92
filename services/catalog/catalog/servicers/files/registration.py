"""Registration of the services of files, attributes, bundles, pictures, and unsent goods."""

from datetime import timedelta
from typing import Any

from catalog.browsing.browse import Browser
from catalog.directory import Directory
from catalog.media.store import MediaStore
from catalog.servicers.files.attributes import AttributeDefinitionServicer, ComparisonServicer
from catalog.servicers.files.bundles import BundleServicer
from catalog.servicers.files.catalog_exports import CatalogExportServicer
from catalog.servicers.files.catalog_imports import CatalogImportServicer
from catalog.servicers.files.digital_goods import DigitalGoodServicer
from catalog.servicers.files.downloads import DownloadServicer
from catalog.servicers.files.gift_card_variants import GiftCardVariantServicer
from catalog.servicers.files.media import MediaAdminServicer, MediaServicer
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from sojourn.catalog.v1 import (
    attributes_pb2_grpc,
    bundles_pb2_grpc,
    catalog_jobs_pb2_grpc,
    digital_goods_pb2_grpc,
    gift_card_variants_pb2_grpc,
    media_pb2_grpc,
)


def add_files(
    server: Any,
    database: Database,
    verifier: TokenVerifier,
    directory: Directory,
    browser: Browser,
    store: MediaStore,
    *,
    download_link_lifetime: timedelta,
) -> None:
    """Adds the servicers to a server."""
    catalog_jobs_pb2_grpc.add_CatalogImportServiceServicer_to_server(
        CatalogImportServicer(database, verifier), server
    )
    catalog_jobs_pb2_grpc.add_CatalogExportServiceServicer_to_server(
        CatalogExportServicer(database, verifier, directory), server
    )
    attributes_pb2_grpc.add_AttributeDefinitionServiceServicer_to_server(
        AttributeDefinitionServicer(database, verifier), server
    )
    attributes_pb2_grpc.add_ComparisonServiceServicer_to_server(
        ComparisonServicer(database, verifier, directory, browser), server
    )
    bundles_pb2_grpc.add_BundleServiceServicer_to_server(
        BundleServicer(database, verifier, directory), server
    )
    media_pb2_grpc.add_MediaAdminServiceServicer_to_server(
        MediaAdminServicer(database, verifier, store), server
    )
    media_pb2_grpc.add_MediaServiceServicer_to_server(
        MediaServicer(database, verifier, store), server
    )
    digital_goods_pb2_grpc.add_DigitalGoodServiceServicer_to_server(
        DigitalGoodServicer(database, verifier, directory, store), server
    )
    gift_card_variants_pb2_grpc.add_GiftCardVariantServiceServicer_to_server(
        GiftCardVariantServicer(database, verifier, directory), server
    )
    digital_goods_pb2_grpc.add_DownloadServiceServicer_to_server(
        DownloadServicer(database, verifier, store, link_lifetime=download_link_lifetime), server
    )
