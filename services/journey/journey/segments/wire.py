"""Segments as messages, and back."""

from datetime import UTC, datetime, timedelta
from typing import Final

from chassis.rpc.documents import document_of, fill
from chassis.rpc.wire import timestamp
from journey.errors import InvalidQuestion
from journey.questions.wire import filter_of, with_period
from journey.segments.actions import NewSegment
from journey.segments.model import Segment
from sojourn.journey.v1 import questions_pb2
from sojourn.journey.v1 import saved_questions_pb2 as pb

_ANY_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


def new_segment(message: pb.PutSegmentRequest) -> NewSegment:
    """Returns a segment as it is put. Raises InvalidQuestion with the field of what is wrong."""
    if message.filter.segment:
        raise InvalidQuestion("a segment names no other", field="filter.segment")
    checked = questions_pb2.TouchpointFilter()
    checked.CopyFrom(with_period(message.filter, _ANY_TIME + timedelta(days=10_000)))
    if not checked.time_range.HasField("since"):
        # The question that names it may have the period that new people need.
        checked.time_range.since.FromDatetime(_ANY_TIME)
    filter_of(checked)
    return NewSegment(message.slug, message.name, document_of(message.filter))


def segment(row: Segment) -> pb.Segment:
    """Returns a segment, without what only a newer release knows of filters."""
    message = questions_pb2.TouchpointFilter()
    fill(message, dict(row.filter), ignore_unknown_fields=True)
    return pb.Segment(
        slug=row.slug,
        name=row.name,
        filter=message,
        owner_id=str(row.owner_id),
        version=row.version,
        created_at=timestamp(row.created_at),
        changed_at=timestamp(row.changed_at),
    )
