"""Sharing of journey maps: roles of members of the staff, and links for others."""

from typing import Final

from gateway.contracts.examples import UUID
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, Limit, staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from gateway.operations.journeys import READ_SECONDS
from sojourn.journey.v1.map_sharing_pb2_grpc import MapSharingServiceServicer

_READ: Final = staff("journeys.read")
_WRITE: Final = staff("journeys.write")
_SHARING: Final = "/v1/staff/maps/{slug}/sharing"
_LINKS: Final = "/v1/staff/maps/{slug}/links"
_TOKEN: Final = "p2Jx0n1bq8Zr5uYt7wEoKcVfMhDgLsAi3B6N9T4GQkE"  # noqa: S105 - an example of a token
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_SHARING,
        rpc=rpc(MapSharingServiceServicer.GetMapSharing),
        callers=_READ,
        touchpoint=None,
        text="Roles in a journey map: that of all staff, those of single members, and the "
        "caller's own.",
    ),
    Endpoint(
        method="PUT",
        path=_SHARING,
        rpc=rpc(MapSharingServiceServicer.PutMapSharing),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        example={"staff_role": "comment", "grants": [{"subject_id": UUID, "role": "own"}]},
        text="Sets the roles in a journey map. Its owners alone may.",
    ),
    Endpoint(
        method="GET",
        path=_LINKS,
        rpc=rpc(MapSharingServiceServicer.ListMapShareLinks),
        callers=_WRITE,
        touchpoint=None,
        text="Links to a journey map, open ones first, without their tokens.",
    ),
    Endpoint(
        method="POST",
        path=_LINKS,
        rpc=rpc(MapSharingServiceServicer.CreateMapShareLink),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        status=201,
        is_secret=True,
        example={"name": "For the agency", "with_numbers": True},
        text="Creates a link by which whoever has it sees a journey map until it expires. The "
        "token is in this answer alone: put it into the fragment of an address.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_LINKS}/{{link_id}}",
        rpc=rpc(MapSharingServiceServicer.RevokeMapShareLink),
        callers=_WRITE,
        touchpoint=None,
        text="Ends a link at once. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path="/v1/maps/shared",
        rpc=rpc(MapSharingServiceServicer.OpenSharedMap),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=4 * KIB,
        deadline_seconds=READ_SECONDS,
        example={"token": _TOKEN},
        text="The journey map of a link, with its numbers where the link shows them. The token is "
        "a secret, and so is posted.",
    ),
)
