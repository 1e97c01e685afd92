"""Files of the catalogue: parts as they come; exports and downloads as one stream."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Final
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from chassis.rpc.documents import enum_name
from gateway.composed.discovery.parts import ask_patiently
from gateway.contracts.rpc import rpc
from gateway.endpoints.answers import NO_STORE
from gateway.endpoints.exchange import Exchange
from sojourn.catalog.v1 import catalog_jobs_pb2 as pb
from sojourn.catalog.v1 import digital_goods_pb2 as digital_pb
from sojourn.catalog.v1.catalog_jobs_pb2_grpc import CatalogExportServiceServicer
from sojourn.catalog.v1.digital_goods_pb2_grpc import DownloadServiceServicer

EXPORT = rpc(CatalogExportServiceServicer.ExportCatalog)
_READ: Final = rpc(DownloadServiceServicer.ReadDownload)


async def stream_export(exchange: Exchange[pb.ExportCatalogRequest]) -> Response:
    """Returns an export part by part. A refusal comes before the first byte.

    Where a later part fails for long, the connection ends before the end of the file.
    """
    first = await exchange.ask(EXPORT, exchange.message, exchange.options)
    is_csv = exchange.message.format == pb.CATALOG_FILE_FORMAT_CSV
    kind = enum_name(pb.CatalogDataKind.DESCRIPTOR, exchange.message.kind)
    name = f"{kind}.{'csv' if is_csv else 'jsonl'}"
    return StreamingResponse(
        _parts(exchange, first),
        media_type="application/octet-stream",
        headers={**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _parts(
    exchange: Exchange[pb.ExportCatalogRequest], part: pb.ExportCatalogResponse
) -> AsyncIterator[bytes]:
    while True:
        yield part.content
        if not part.next_page_token:
            return
        exchange.message.page_token = part.next_page_token
        part = await ask_patiently(
            partial(exchange.ask, EXPORT, exchange.message, exchange.options)
        )


async def download_answer(
    exchange: Exchange[digital_pb.ReadDownloadRequest], reply: digital_pb.ReadDownloadResponse
) -> Response:
    """Returns a file part by part, which a browser saves and never shows.

    Where a later part fails for long, the connection ends before the end of the file.
    """
    headers = {
        **NO_STORE,
        "Content-Length": str(reply.size_bytes),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(reply.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Referrer-Policy": "no-referrer",
    }
    return StreamingResponse(
        _parts_of_download(exchange, reply), media_type="application/octet-stream", headers=headers
    )


async def _parts_of_download(
    exchange: Exchange[digital_pb.ReadDownloadRequest], part: digital_pb.ReadDownloadResponse
) -> AsyncIterator[bytes]:
    while True:
        yield part.content
        if not part.next_token:
            return
        exchange.message.token = part.next_token
        part = await ask_patiently(partial(exchange.ask, _READ, exchange.message, exchange.options))
