"""Recommendations for a visitor."""

from typing import Final

from gateway.composed.recommendations import recommend
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC
from gateway.endpoints.endpoint import Endpoint
from sojourn.catalog.v1.recommendations_pb2_grpc import RecommendationServiceServicer

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/recommendations",
        rpc=rpc(RecommendationServiceServicer.ListRecommendations),
        callers=PUBLIC,
        touchpoint=None,
        hidden=frozenset({"seen"}),
        query=Parameters(defaults={"most": 8}),
        ask=recommend,
        text="Products for this visitor: related to what they looked at, and to the product that "
        "they look at now. Where the visitor's journey cannot be asked in time, `personal` is "
        "false and the product alone counts.",
    ),
)
