"""Recommendations: of catalog, by what journey knows of the visitor if it answers in time."""

import asyncio
import contextlib
from typing import Final

from starlette.responses import Response

from chassis.rpc.errors import DomainError
from gateway.contracts.rpc import rpc
from gateway.endpoints.answers import answer_of
from gateway.endpoints.exchange import Exchange
from gateway.peers import CallOptions
from sojourn.catalog.v1 import recommendations_pb2 as pb
from sojourn.catalog.v1.recommendations_pb2_grpc import RecommendationServiceServicer
from sojourn.journey.v1 import seen_products_pb2
from sojourn.journey.v1.seen_products_pb2_grpc import SeenProductServiceServicer

LIST_RECOMMENDATIONS: Final = rpc(RecommendationServiceServicer.ListRecommendations)
LIST_SEEN: Final = rpc(SeenProductServiceServicer.ListSeenProducts)
# A slow journey costs a page no more than this.
SEEN_SECONDS: Final = 0.25


async def recommend(exchange: Exchange[pb.ListRecommendationsRequest]) -> Response:
    """Returns recommendations; those of the product alone where journey is away or slow."""
    exchange.message.seen.extend(await _seen(exchange))
    reply = await exchange.ask(LIST_RECOMMENDATIONS, exchange.message, exchange.options)
    return answer_of(reply)


async def _seen(exchange: Exchange[pb.ListRecommendationsRequest]) -> list[str]:
    visitor_id = exchange.context.visitor_id
    if not visitor_id:
        return []
    message = seen_products_pb2.ListSeenProductsRequest(visitor_id=visitor_id)
    options = CallOptions(timeout=SEEN_SECONDS)
    with contextlib.suppress(DomainError, TimeoutError):
        asked = exchange.ask(LIST_SEEN, message, options)
        reply = await asyncio.wait_for(asked, SEEN_SECONDS)
        return list(reply.slugs)
    return []
