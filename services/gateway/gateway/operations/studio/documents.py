"""Journey maps as documents: findings about them."""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import Endpoint
from gateway.operations.journeys import READ_SECONDS
from sojourn.journey.v1.map_documents_pb2_grpc import MapDocumentServiceServicer

_READ: Final = staff("journeys.read")
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/maps/{slug}/findings",
        rpc=rpc(MapDocumentServiceServicer.LintMap),
        callers=_READ,
        touchpoint=None,
        deadline_seconds=READ_SECONDS,
        text="What is missing in a journey map, or makes no sense: stages without rules, rules "
        "that never hold or overlap, figures without target, unknown kinds and channels. Each "
        "finding has its place, its reason, and what would mend it.",
    ),
)
