"""Edge of MapCommentService: threads of comments on maps."""

from typing import Final
from uuid import UUID

from chassis import pagination
from chassis.data.tx import Read
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from journey.map_comments import wire
from journey.map_comments.actions import (
    create_map_comment,
    delete_map_comment,
    resolve_map_thread,
    update_map_comment,
)
from journey.map_comments.queries import NEWEST, list_threads
from journey.map_sharing.model import MapRole, role_of
from journey.map_sharing.queries import require_role
from journey.maps.model import JourneyMap, get_map
from sojourn.journey.v1 import map_comments_pb2 as pb
from sojourn.journey.v1 import map_comments_pb2_grpc as pb_grpc

_READ: Final = "journeys.read"
_COMMENT: Final = "journeys.comment"
_USUAL_SIZE: Final = 20


class MapCommentServicer(Servicer, pb_grpc.MapCommentServiceServicer):
    """Members of the staff talk about maps."""

    @read(scope=_READ)
    async def ListMapComments(
        self, request: pb.ListMapCommentsRequest, call: Call
    ) -> pb.ListMapCommentsResponse:
        size = pagination.size_of(request.page.size, default=_USUAL_SIZE)
        position = pagination.position_of(request.page.token, length=1)
        before = _thread_id(position[0]) if position else NEWEST
        async with call.read() as read:
            await require_role(read, request.slug, call.caller, MapRole.VIEW)
            chart = await get_map(read, request.slug)
            found = await list_threads(
                read,
                chart.slug,
                before=before,
                most=size + 1,
                with_resolved=request.with_resolved,
            )
        more = found[size:]
        return pb.ListMapCommentsResponse(
            threads=[
                wire.encode_thread(one, chart, call.caller.subject_id) for one in found[:size]
            ],
            next_page_token=pagination.token_of([str(found[size - 1].first.id)]) if more else "",
        )

    @write(scope=_COMMENT, needs_key=True)
    async def CreateMapComment(
        self, request: pb.CreateMapCommentRequest, call: Call
    ) -> pb.MapThread:
        actor_id, new = call.caller.person_id, wire.new_comment_of(request)
        async with call.tx() as tx:
            chart = await _commented(tx, request.slug, call)
            thread = await create_map_comment(tx, chart, new, actor_id=actor_id)
            return wire.encode_thread(thread, chart, actor_id)

    @write(scope=_COMMENT)
    async def UpdateMapComment(
        self, request: pb.UpdateMapCommentRequest, call: Call
    ) -> pb.MapThread:
        actor_id = call.caller.person_id
        comment_id = parse_id(request.comment_id, "comment_id")
        async with call.tx() as tx:
            chart = await _commented(tx, request.slug, call)
            thread = await update_map_comment(
                tx,
                chart.slug,
                comment_id,
                request.text,
                actor_id=actor_id,
                expected_version=request.expected_version,
            )
            return wire.encode_thread(thread, chart, actor_id)

    @write(scope=_COMMENT)
    async def DeleteMapComment(
        self, request: pb.DeleteMapCommentRequest, call: Call
    ) -> pb.DeleteMapCommentResponse:
        actor_id = call.caller.person_id
        comment_id = parse_id(request.comment_id, "comment_id")
        async with call.tx() as tx:
            sharing = await require_role(tx, request.slug, call.caller, MapRole.COMMENT)
            await delete_map_comment(
                tx,
                request.slug,
                comment_id,
                actor_id=actor_id,
                expected_version=request.expected_version,
                is_owner=role_of(call.caller, sharing) is MapRole.OWN,
            )
        return pb.DeleteMapCommentResponse()

    @write(scope=_COMMENT)
    async def ResolveMapThread(
        self, request: pb.ResolveMapThreadRequest, call: Call
    ) -> pb.MapThread:
        return await _resolve(request, call, is_resolved=True)

    @write(scope=_COMMENT)
    async def ReopenMapThread(self, request: pb.ReopenMapThreadRequest, call: Call) -> pb.MapThread:
        return await _resolve(request, call, is_resolved=False)


async def _resolve(
    request: pb.ResolveMapThreadRequest | pb.ReopenMapThreadRequest,
    call: Call,
    *,
    is_resolved: bool,
) -> pb.MapThread:
    actor_id, thread_id = call.caller.person_id, parse_id(request.thread_id, "thread_id")
    async with call.tx() as tx:
        chart = await _commented(tx, request.slug, call)
        thread = await resolve_map_thread(
            tx, chart.slug, thread_id, actor_id=actor_id, is_resolved=is_resolved
        )
        return wire.encode_thread(thread, chart, actor_id)


async def _commented(read: Read, slug: str, call: Call) -> JourneyMap:
    """Returns a map that the caller may comment on. Raises MapNotFound, MapRoleRequired."""
    await require_role(read, slug, call.caller, MapRole.COMMENT)
    return await get_map(read, slug)


def _thread_id(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise InvalidPageToken from None
