"""Edge of MapSharingService: roles in maps, and links to them."""

from typing import Final

from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from chassis.rpc.wire import timestamp
from journey import wire as messages
from journey.errors import MapNotFound, MapShareLinkNotFound
from journey.map_sharing import wire
from journey.map_sharing.actions import (
    create_map_share_link,
    put_map_sharing,
    revoke_map_share_link,
)
from journey.map_sharing.model import MapRole
from journey.map_sharing.queries import get_open_link, list_links, require_role
from journey.maps.model import get_map
from journey.questions.answers import Answers
from journey.store.store import TouchpointStore
from sojourn.journey.v1 import map_sharing_pb2 as pb
from sojourn.journey.v1 import map_sharing_pb2_grpc as pb_grpc
from sojourn.journey.v1 import questions_pb2

_READ: Final = "journeys.read"
_WRITE: Final = "journeys.write"
# Numbers of a longer history are estimated.
_WITHIN_MS: Final = 2_000


class MapSharingServicer(Servicer, pb_grpc.MapSharingServiceServicer):
    """Owners share maps; whoever has a link sees one."""

    def __init__(self, database: Database, verifier: TokenVerifier, store: TouchpointStore) -> None:
        super().__init__(database, verifier)
        self._answers = Answers(database, store)

    @read(scope=_READ)
    async def GetMapSharing(self, request: pb.GetMapSharingRequest, call: Call) -> pb.MapSharing:
        async with call.read() as read:
            await get_map(read, request.slug)
            sharing = await require_role(read, request.slug, call.caller, MapRole.VIEW)
        return wire.encode_sharing(sharing, call.caller)

    @write(scope=_WRITE)
    async def PutMapSharing(self, request: pb.PutMapSharingRequest, call: Call) -> pb.MapSharing:
        actor_id, grants = call.caller.person_id, wire.grants_of(request)
        async with call.tx() as tx:
            await get_map(tx, request.slug)
            await require_role(tx, request.slug, call.caller, MapRole.OWN)
            sharing = await put_map_sharing(
                tx,
                request.slug,
                wire.ROLES.decode(request.staff_role),
                grants,
                actor_id=actor_id,
                expected_version=request.expected_version,
            )
        return wire.encode_sharing(sharing, call.caller)

    @read(scope=_WRITE)
    async def ListMapShareLinks(
        self, request: pb.ListMapShareLinksRequest, call: Call
    ) -> pb.ListMapShareLinksResponse:
        async with call.read() as read:
            await require_role(read, request.slug, call.caller, MapRole.OWN)
            links = await list_links(read, request.slug)
            return pb.ListMapShareLinksResponse(
                links=[wire.encode_link(one, read.now) for one in links]
            )

    @write(scope=_WRITE, needs_key=True)
    async def CreateMapShareLink(
        self, request: pb.CreateMapShareLinkRequest, call: Call
    ) -> pb.CreateMapShareLinkResponse:
        actor_id, new = call.caller.person_id, wire.new_link_of(request)
        # The reply holds a secret, which is stored nowhere.
        async with call.tx(stores_reply=False) as tx:
            await get_map(tx, request.slug)
            await require_role(tx, request.slug, call.caller, MapRole.OWN)
            link, token = await create_map_share_link(tx, new, actor_id=actor_id)
            message = wire.encode_link(link, tx.now)
        return pb.CreateMapShareLinkResponse(link=message, token=token)

    @write(scope=_WRITE)
    async def RevokeMapShareLink(
        self, request: pb.RevokeMapShareLinkRequest, call: Call
    ) -> pb.MapShareLink:
        actor_id, link_id = call.caller.person_id, parse_id(request.link_id, "link_id")
        async with call.tx() as tx:
            await require_role(tx, request.slug, call.caller, MapRole.OWN)
            link = await revoke_map_share_link(tx, request.slug, link_id, actor_id=actor_id)
            return wire.encode_link(link, tx.now)

    @read(public=True)
    async def OpenSharedMap(self, request: pb.OpenSharedMapRequest, call: Call) -> pb.SharedMap:
        async with call.read() as read:
            link = await get_open_link(read, request.token)
            try:
                chart = await get_map(read, link.map_slug)
            except MapNotFound:
                raise MapShareLinkNotFound from None
        message = pb.SharedMap(
            map=messages.journey_map(chart), expires_at=timestamp(link.expires_at)
        )
        if link.with_numbers:
            asked = questions_pb2.GetMapNumbersRequest(
                locale=request.locale, with_revenue=True, within_ms=_WITHIN_MS
            )
            message.numbers.CopyFrom(await self._answers.numbers_of_map(asked, chart))
        return message
