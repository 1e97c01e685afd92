"""Comments on journey maps."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.journey.v1.map_comments_pb2_grpc import MapCommentServiceServicer

_READ: Final = staff("journeys.read")
_COMMENT: Final = staff("journeys.comment")
_ALL: Final = "/v1/staff/maps/{slug}/comments"
_ONE: Final = f"{_ALL}/{{comment_id}}"
_RESOLUTION: Final = "/v1/staff/maps/{slug}/threads/{thread_id}/resolution"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_ALL,
        rpc=rpc(MapCommentServiceServicer.ListMapComments),
        callers=_READ,
        touchpoint=None,
        query=Parameters(renamed={"with_resolved": "resolved"}, defaults={"page_size": 20}),
        text="Threads of comments on a journey map, the newest first, and those that are resolved "
        "with `resolved=true`. A thread whose cell is gone is orphaned.",
    ),
    Endpoint(
        method="POST",
        path=_ALL,
        rpc=rpc(MapCommentServiceServicer.CreateMapComment),
        callers=_COMMENT,
        touchpoint=None,
        body=WHOLE,
        status=201,
        most_bytes=32 * KIB,
        example={
            "text": "Half of them leave here.",
            "anchor": {"stage": "acquisition", "lane": "pains"},
        },
        text="Begins a thread at a cell, a stage or the whole map, or replies to a thread.",
    ),
    Endpoint(
        method="PATCH",
        path=_ONE,
        rpc=rpc(MapCommentServiceServicer.UpdateMapComment),
        callers=_COMMENT,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        most_bytes=32 * KIB,
        text="Changes the text of the caller's own comment.",
    ),
    Endpoint(
        method="DELETE",
        path=_ONE,
        rpc=rpc(MapCommentServiceServicer.DeleteMapComment),
        callers=_COMMENT,
        touchpoint=None,
        status=204,
        text="Deletes the caller's own comment; an owner of the map deletes any.",
    ),
    Endpoint(
        method="PUT",
        path=_RESOLUTION,
        rpc=rpc(MapCommentServiceServicer.ResolveMapThread),
        callers=_COMMENT,
        touchpoint=None,
        text="Resolves a thread.",
    ),
    Endpoint(
        method="DELETE",
        path=_RESOLUTION,
        rpc=rpc(MapCommentServiceServicer.ReopenMapThread),
        callers=_COMMENT,
        touchpoint=None,
        text="Opens a resolved thread again.",
    ),
)
