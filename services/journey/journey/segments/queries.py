"""Reads of segments."""

from typing import Final

from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.tx import Read, Tx
from journey.errors import SegmentNotFound
from journey.segments.model import Segment

_LOOP: Final = Loop("segments")


async def get_segment(read: Read, slug: str) -> Segment:
    """Returns a segment. Raises SegmentNotFound."""
    if (segment := await read.get(Segment, slug)) is None:
        raise SegmentNotFound(slug=slug)
    return segment


async def lock_segment(tx: Tx, slug: str) -> Segment:
    """Returns a segment, locked until the end of the transaction. Raises SegmentNotFound."""
    if (segment := await tx.lock(Segment, slug)) is None:
        raise SegmentNotFound(slug=slug)
    return segment


async def list_segments(read: Read, *, after: str, limit: int) -> list[Segment]:
    """Returns segments by slug. `after` is the last slug of the page before."""
    query = select(Segment).order_by(col(Segment.slug)).limit(limit)
    return await find_readable(read, Segment, query.where(col(Segment.slug) > after), loop=_LOOP)


async def list_segment_slugs(read: Read) -> frozenset[str]:
    """Returns the slugs of all segments."""
    return frozenset(slug for (slug,) in await read.fetch("SELECT slug FROM segment"))


async def list_questions_with_segment(read: Read, slug: str) -> list[str]:
    """Returns the slugs of the saved questions that name a segment."""
    rows = await read.fetch(
        "SELECT slug FROM saved_question WHERE segments @> to_jsonb(ARRAY[%s::text]) ORDER BY slug",
        [slug],
    )
    return [found for (found,) in rows]
