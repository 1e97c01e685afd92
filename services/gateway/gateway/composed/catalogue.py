"""Reads of the catalogue, which are the same for everybody without a token."""

from typing import Any

from starlette.responses import Response

from gateway.endpoints.exchange import Exchange
from gateway.http.page_cache import Reading, page_of


async def read_page(exchange: Exchange[Any]) -> Response:
    """Returns the catalogue's answer, from the cache where that is allowed.

    A buyer who may have prices of their own asks as themselves, and nothing is kept.
    """
    request, context = exchange.request, exchange.context
    reading: Reading = request.app.state.reading
    if context.caller.organization_id is not None or context.caller.customer_group:
        endpoint: Any = request.scope["route"].endpoint.endpoint
        personal = page_of(await exchange.ask(endpoint.rpc, exchange.message), request.scope)
        context.results = personal.results
        return personal.response(request)
    page = reading.cache.get(context.cache_key) if context.cache_key is not None else None
    if page is None:
        operation: Any = request.scope["route"].endpoint
        page = await reading.page(
            operation.endpoint.rpc, exchange.message, key=context.cache_key, scope=request.scope
        )
    context.results = page.results
    return page.response(request, cache_control=context.cache_control)
