"""Threads as messages, and back."""

from uuid import UUID

from chassis.rpc.ids import parse_optional_id
from chassis.rpc.wire import timestamp
from journey.map_comments.actions import NewComment
from journey.map_comments.model import Anchor, MapComment, Thread, missing_part
from journey.maps.model import JourneyMap
from sojourn.journey.v1 import map_comments_pb2 as pb


def new_comment_of(request: pb.CreateMapCommentRequest) -> NewComment:
    """Returns the comment of a request. Raises InvalidId."""
    return NewComment(
        request.text,
        Anchor(request.anchor.stage, request.anchor.lane),
        parse_optional_id(request.thread_id, "thread_id"),
    )


def encode_thread(thread: Thread, chart: JourneyMap, reader_id: UUID | None) -> pb.MapThread:
    first = thread.first
    return pb.MapThread(
        id=str(first.id),
        anchor=pb.MapAnchor(stage=first.stage, lane=first.lane),
        is_orphaned=bool(missing_part(first.anchor, chart.document)),
        resolved_by=str(first.resolved_by or ""),
        resolved_at=timestamp(first.resolved_at),
        comments=[_comment(one, reader_id) for one in (first, *thread.replies)],
    )


def _comment(one: MapComment, reader_id: UUID | None) -> pb.MapComment:
    return pb.MapComment(
        id=str(one.id),
        version=one.version,
        text=one.text,
        author_id=str(one.author_id),
        created_at=timestamp(one.created_at),
        edited_at=timestamp(one.edited_at),
        is_deleted=one.deleted_at is not None,
        is_own=one.author_id == reader_id,
    )
