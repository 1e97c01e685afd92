"""Roles and links as messages, and back."""

from datetime import UTC, datetime
from typing import Final

from chassis.rpc.auth import Caller
from chassis.rpc.ids import parse_id
from chassis.rpc.wire import EnumCodec, timestamp
from journey.map_sharing.actions import NewLink
from journey.map_sharing.model import Grant, MapRole, MapShareLink, MapSharing, role_of
from sojourn.journey.v1 import map_sharing_pb2 as pb

ROLES: Final = EnumCodec(pb.MapRole, MapRole)


def encode_sharing(sharing: MapSharing, caller: Caller) -> pb.MapSharing:
    return pb.MapSharing(
        slug=sharing.slug,
        version=sharing.version,
        staff_role=ROLES.encode(sharing.staff_role),
        grants=[
            pb.MapGrant(subject_id=str(one.subject_id), role=ROLES.encode(one.role))
            for one in sharing.grants
        ],
        role=ROLES.encode(role_of(caller, sharing)),
        caller_id=str(caller.subject_id or ""),
    )


def grants_of(request: pb.PutMapSharingRequest) -> list[Grant]:
    """Returns the grants of a request. Raises InvalidId."""
    return [
        Grant(parse_id(one.subject_id, f"grants[{place}].subject_id"), ROLES.decode(one.role))
        for place, one in enumerate(request.grants)
    ]


def new_link_of(request: pb.CreateMapShareLinkRequest) -> NewLink:
    expires_at = request.expires_at.ToDatetime(UTC) if request.HasField("expires_at") else None
    return NewLink(request.slug, request.name, request.with_numbers, expires_at)


def encode_link(link: MapShareLink, now: datetime) -> pb.MapShareLink:
    return pb.MapShareLink(
        id=str(link.id),
        name=link.name,
        with_numbers=link.with_numbers,
        created_by=str(link.created_by),
        created_at=timestamp(link.created_at),
        expires_at=timestamp(link.expires_at),
        revoked_at=timestamp(link.revoked_at),
        is_open=link.is_open(now),
    )
