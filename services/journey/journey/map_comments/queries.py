"""Reads of comments."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from journey.errors import MapCommentNotFound
from journey.map_comments.model import MOST_REPLIES, MapComment, Thread

# After the newest thread.
NEWEST: Final = UUID(int=2**128 - 1)
_FIRST: Final = (
    select(MapComment)
    .where(
        MapComment.map_slug == bindparam("slug"),
        col(MapComment.id) == col(MapComment.thread_id),
        col(MapComment.id) < bindparam("before"),
    )
    .order_by(col(MapComment.id).desc())
    .limit(bindparam("most"))
)
_ALL: Final = prepare(_FIRST)
_OPEN: Final = prepare(_FIRST.where(col(MapComment.resolved_at).is_(None)))
_REPLIES: Final = prepare(
    select(MapComment)
    .where(
        MapComment.map_slug == bindparam("slug"),
        MapComment.thread_id == bindparam("thread_id"),
        col(MapComment.id) != col(MapComment.thread_id),
    )
    .order_by(col(MapComment.id))
    .limit(MOST_REPLIES)
)


async def list_threads(
    read: Read, slug: str, *, before: UUID = NEWEST, most: int, with_resolved: bool
) -> list[Thread]:
    """Returns threads of a map, the newest first, each with its replies."""
    query = _ALL if with_resolved else _OPEN
    found = await read.all(query, slug=slug, before=before, most=most)
    return [Thread(one, await list_replies(read, one)) for one in found]


async def list_replies(read: Read, first: MapComment) -> list[MapComment]:
    """Returns the replies to the first comment of a thread, in their order."""
    return await read.all(_REPLIES, slug=first.map_slug, thread_id=first.id)


async def lock_comment(tx: Tx, slug: str, comment_id: UUID) -> MapComment:
    """Returns a comment on a map, locked until the commit. Raises MapCommentNotFound."""
    found = await tx.lock(MapComment, comment_id)
    if found is None or found.map_slug != slug or found.deleted_at is not None:
        raise MapCommentNotFound
    return found


async def lock_thread(tx: Tx, slug: str, thread_id: UUID) -> MapComment:
    """Returns the first comment of a thread, locked until the commit.

    Raises MapCommentNotFound. A thread whose first comment was deleted is there for its replies.
    """
    found = await tx.lock(MapComment, thread_id)
    if found is None or found.map_slug != slug or not found.is_first:
        raise MapCommentNotFound
    return found
