"""A small OTLP/HTTP sink: keeps the newest traces, shows them, and tells journey of calls."""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import uvicorn
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from stack.traces.span_metrics import Forwarder, SpanMetrics
from stack.traces.spans import SpanStore
from stack.traces.waterfall import list_page, trace_page

PROTOBUF: Final = "application/x-protobuf"
LARGEST_BODY_BYTES: Final = 32 * 1024 * 1024
DEFAULT_LISTED: Final = 50
MOST_LISTED: Final = 500
GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
HTML_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'",
    "X-Content-Type-Options": "nosniff",
}


class TooLarge(Exception):
    """A request whose body, once unpacked, exceeds LARGEST_BODY_BYTES."""


def create_app(
    store: SpanStore | None = None, *, forwarding: Callable[[], Awaitable[None]] | None = None
) -> Starlette:
    """The application over a store of its own, or the given one. `forwarding` runs beside it."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.ensure_future(forwarding()) if forwarding is not None else None
        yield
        if task is not None:
            task.cancel()

    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/v1/traces", _receive, methods=["POST"]),
            Route("/traces", _list),
            Route("/traces/{trace_id}", _show),
            Route("/livez", _alive),
            Route("/readyz", _alive),
        ],
    )
    app.state.store = store or SpanStore()
    return app


async def _receive(request: Request) -> Response:
    if request.headers.get("content-type", "").split(";")[0].strip() != PROTOBUF:
        return PlainTextResponse(f"only {PROTOBUF} is accepted", status_code=415)
    try:
        body = await _body(request)
        traces = ExportTraceServiceRequest.FromString(body)
    except TooLarge:
        return PlainTextResponse("the body is too large", status_code=413)
    except (zlib.error, DecodeError):
        return PlainTextResponse("the body is not a trace export", status_code=400)
    _store(request).add(traces)
    return Response(ExportTraceServiceResponse().SerializeToString(), media_type=PROTOBUF)


async def _list(request: Request) -> Response:
    attribute = request.query_params.get("attribute")
    key, colon, value = (attribute or "").partition(":")
    limit = request.query_params.get("limit", str(DEFAULT_LISTED))
    if (attribute is not None and not colon) or not limit.isascii() or not limit.isdigit():
        return PlainTextResponse("attribute is key:value, limit is a number", status_code=422)
    store = _store(request)
    summaries = store.recent(
        limit=min(int(limit), MOST_LISTED),
        service=request.query_params.get("service"),
        attribute=(key, value) if attribute is not None else None,
    )
    if _wants_html(request):
        return HTMLResponse(list_page(summaries), headers=HTML_HEADERS)
    return JSONResponse(
        {
            "traces": summaries,
            "stored_spans": store.stored_spans,
            "dropped_spans": store.dropped_spans,
        }
    )


async def _show(request: Request) -> Response:
    trace_id = request.path_params["trace_id"].lower()
    spans = _store(request).trace(trace_id)
    if not spans:
        return PlainTextResponse("no such trace, or dropped already", status_code=404)
    if _wants_html(request):
        return HTMLResponse(trace_page(trace_id, spans), headers=HTML_HEADERS)
    return JSONResponse(spans)


async def _alive(request: Request) -> Response:
    return PlainTextResponse("ok")


def _store(request: Request) -> SpanStore:
    store: SpanStore = request.app.state.store
    return store


def _wants_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


async def _body(request: Request) -> bytes:
    """The body, unpacked if it is gzip.

    Raises TooLarge, or zlib.error if it is not gzip although it says so.
    """
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > LARGEST_BODY_BYTES:
            raise TooLarge
    if request.headers.get("content-encoding") != "gzip":
        return bytes(received)
    unpacker = zlib.decompressobj(wbits=GZIP_WINDOW)
    unpacked = unpacker.decompress(received, LARGEST_BODY_BYTES)
    if unpacker.unconsumed_tail:
        raise TooLarge
    return unpacked


def _configured() -> Starlette:
    """Returns the application that also tells the journey service of spans, where it knows it."""
    target, token = os.environ.get("JOURNEY_TARGET", ""), os.environ.get("OTLP_TOKEN", "")
    if not target or not token:
        return create_app()
    metrics = SpanMetrics()
    return create_app(
        SpanStore(counts=metrics.count), forwarding=Forwarder(metrics, target, token).run
    )


def main() -> None:
    uvicorn.run(
        _configured(),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ["HTTP_PORT"]),
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
