"""Reads of the catalogue, which are the same for everybody without a token."""

from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response

from chassis.rpc.errors import DomainError
from gateway.endpoints.exchange import Exchange
from gateway.http.page_cache import PRIVATE, VARY, Reading, page_of

_MOVED: Final = "SLUG_MOVED"
_PRICES_HIDDEN: Final = "PRICES_HIDDEN"
_GUESTS: Final = frozenset({"anonymous", "guest"})


async def read_page(exchange: Exchange[Any]) -> Response:
    """Returns the catalogue's answer, from the cache where that is allowed.

    A buyer who may have prices of their own asks as themselves, and nothing is kept; so does a
    customer where guests see no prices. What was renamed is answered with its new path.
    """
    try:
        return await _read_page(exchange)
    except DomainError as error:
        if error.reason != _MOVED or not error.metadata.get("slug"):
            raise
        return _moved(exchange, error.metadata["slug"])


def _moved(exchange: Exchange[Any], slug: str) -> Response:
    """Returns 301 with the request's own path and query, and another slug."""
    request = exchange.request
    template: str = request.scope["route"].path
    path = template.replace("{slug}", quote(slug))
    query = request.scope["query_string"].decode("latin-1")
    headers = {
        "Location": f"{path}?{query}" if query else path,
        "Cache-Control": exchange.context.cache_control,
        "Vary": VARY,
    }
    return Response(status_code=301, headers=headers)


async def _read_page(exchange: Exchange[Any]) -> Response:
    request, context = exchange.request, exchange.context
    reading: Reading = request.app.state.reading
    caller = context.caller
    is_guest = caller.kind in _GUESTS and not caller.is_synthetic
    if caller.organization_id is not None or caller.customer_group:
        return await _read_as_caller(exchange)
    if not is_guest and reading.hides_prices(context.channel):
        return await _read_as_caller(exchange)
    page = reading.cache.get(context.cache_key) if context.cache_key is not None else None
    if page is None:
        operation: Any = request.scope["route"].endpoint
        try:
            page = await reading.page(
                operation.endpoint.rpc, exchange.message, key=context.cache_key, scope=request.scope
            )
        except DomainError as error:
            if is_guest or error.reason != _PRICES_HIDDEN:
                raise
            return await _read_as_caller(exchange)
    if page.hides_prices:
        if not is_guest:
            return await _read_as_caller(exchange)
        context.is_shared, context.cache_control = False, PRIVATE
    context.results = page.results
    return page.response(request, cache_control=context.cache_control)


async def _read_as_caller(exchange: Exchange[Any]) -> Response:
    """Returns the answer to the caller alone."""
    request, context = exchange.request, exchange.context
    endpoint: Any = request.scope["route"].endpoint.endpoint
    reply = await exchange.ask(endpoint.rpc, exchange.message)
    page = page_of(reply, request.scope)
    if hasattr(reply, "guest_policy"):
        reading: Reading = request.app.state.reading
        reading.note_policy(context.channel, hides_prices=page.hides_prices)
    context.results = page.results
    return page.response(request)
