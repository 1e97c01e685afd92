"""Imports of products, categories, prices, stock, pages and settings, and their exports."""

from typing import Final

from gateway.composed.catalogue_files import EXPORT, stream_export
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from gateway.operations.uploads import SECONDS, upload
from sojourn.catalog.v1.catalog_jobs_pb2_grpc import CatalogImportServiceServicer

_CATALOG: Final = staff("catalog.write")
_IMPORTS: Final = "/v1/staff/catalogue-imports"
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path=_IMPORTS,
        rpc=rpc(CatalogImportServiceServicer.CreateCatalogImport),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        status=201,
        example={"options": {"kind": "products", "format": "csv", "is_dry_run": True}},
        text="Begins an import of products, categories, prices, stock, pages or settings. Send its "
        "file in parts, then start it. A second import of a file changes nothing.",
    ),
    Endpoint(
        method="GET",
        path=_IMPORTS,
        rpc=rpc(CatalogImportServiceServicer.ListCatalogImports),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="The newest imports of catalogue files.",
    ),
    Endpoint(
        method="GET",
        path=f"{_IMPORTS}/{{id}}",
        rpc=rpc(CatalogImportServiceServicer.GetCatalogImport),
        callers=_CATALOG,
        touchpoint=None,
        text="An import: its progress, and the records that it refused, each with its line, "
        "column and value and what is allowed.",
    ),
    upload(
        f"{_IMPORTS}/{{id}}/parts/{{number}}",
        rpc(CatalogImportServiceServicer.AddCatalogImportPart),
        _CATALOG,
        text="Sends a part of an import's file as it is, up to 8 MiB; 64 MiB in all. Parts are "
        "joined in the order of their numbers, from 1.",
        example="sku,warehouse,on_hand\nMUG-S,main,12\n",
    ),
    Endpoint(
        method="POST",
        path=f"{_IMPORTS}/{{id}}/start",
        rpc=rpc(CatalogImportServiceServicer.StartCatalogImport),
        callers=_CATALOG,
        touchpoint=None,
        status=202,
        key=KeyRule.OPTIONAL,
        text="Starts an import whose parts are all there; GET tells its progress.",
    ),
    Endpoint(
        method="POST",
        path=f"{_IMPORTS}/{{id}}/cancel",
        rpc=rpc(CatalogImportServiceServicer.CancelCatalogImport),
        callers=_CATALOG,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Ends an import that waits or runs. What it stored stays.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/catalogue-export",
        rpc=EXPORT,
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(without=frozenset({"page_token"})),
        ask=stream_export,
        answer_media="application/octet-stream",
        deadline_seconds=SECONDS,
        text="All records of a kind as one file, in a form that imports read: JSON Lines, or CSV "
        "(of products, Shopify's). It is sent as it is read: a record that changes meanwhile may "
        "be in it as before or as after.",
    ),
)
