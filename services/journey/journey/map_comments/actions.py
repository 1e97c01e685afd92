"""Writing of comments. Each change leaves an audit row without the text."""

from dataclasses import dataclass
from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from journey.errors import (
    InvalidMapComment,
    MapCommentIsAnothers,
    MapThreadIsFull,
    MapThreadIsResolved,
)
from journey.map_comments.model import (
    MOST_REPLIES,
    MOST_TEXT,
    Anchor,
    MapComment,
    Thread,
    missing_part,
)
from journey.map_comments.queries import list_replies, lock_comment, lock_thread
from journey.maps.model import JourneyMap


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment to write. A reply names its thread, and has no anchor of its own."""

    text: str
    anchor: Anchor
    thread_id: UUID | None = None


async def create_map_comment(
    tx: Tx, chart: JourneyMap, new: NewComment, *, actor_id: UUID
) -> Thread:
    """Begins a thread, or replies to one. Returns the thread.

    Raises InvalidMapComment, MapCommentNotFound, MapThreadIsResolved, MapThreadIsFull.
    """
    text = require_text(new.text)
    comment_id = uuid7()
    if new.thread_id is None:
        if part := missing_part(new.anchor, chart.document):
            raise InvalidMapComment(f"the map has no such {part}", path=f"anchor.{part}")
        first = MapComment(
            id=comment_id,
            map_slug=chart.slug,
            thread_id=comment_id,
            stage=new.anchor.stage,
            lane=new.anchor.lane,
            text=text,
            author_id=actor_id,
            created_at=tx.now,
        )
        await tx.insert(first)
        _audit(tx, first, "create_map_comment", actor_id)
        return Thread(first, [])
    if new.anchor != Anchor():
        raise InvalidMapComment("a reply has the anchor of its thread", path="anchor")
    first = await lock_thread(tx, chart.slug, new.thread_id)
    if first.resolved_at is not None:
        raise MapThreadIsResolved
    replies = await list_replies(tx, first)
    if len(replies) >= MOST_REPLIES:
        raise MapThreadIsFull(most=MOST_REPLIES)
    reply = MapComment(
        id=comment_id,
        map_slug=chart.slug,
        thread_id=first.id,
        text=text,
        author_id=actor_id,
        created_at=tx.now,
    )
    await tx.insert(reply)
    _audit(tx, reply, "create_map_comment", actor_id)
    return Thread(first, [*replies, reply])


async def update_map_comment(
    tx: Tx, slug: str, comment_id: UUID, text: str, *, actor_id: UUID, expected_version: int
) -> Thread:
    """Changes the text of one's own comment. Idempotent. Returns its thread.

    Raises InvalidMapComment, MapCommentNotFound, MapCommentIsAnothers, VersionMismatch.
    """
    text = require_text(text)
    comment = await lock_comment(tx, slug, comment_id)
    if comment.author_id != actor_id:
        raise MapCommentIsAnothers
    _require_version(comment, expected_version)
    if comment.text != text:
        comment = comment.copy_row(text=text, edited_at=tx.now)
        await tx.update(comment)
        _audit(tx, comment, "update_map_comment", actor_id)
    return await _thread_of(tx, comment)


async def delete_map_comment(
    tx: Tx,
    slug: str,
    comment_id: UUID,
    *,
    actor_id: UUID,
    expected_version: int,
    is_owner: bool,
) -> None:
    """Deletes one's own comment, or, as an owner of the map, any.

    Raises MapCommentNotFound, MapCommentIsAnothers, VersionMismatch.
    """
    comment = await lock_comment(tx, slug, comment_id)
    if comment.author_id != actor_id and not is_owner:
        raise MapCommentIsAnothers
    _require_version(comment, expected_version)
    if not comment.is_first or not await list_replies(tx, comment):
        await tx.delete(comment)
    else:
        # Its replies keep their thread.
        await tx.update(comment.copy_row(text="", deleted_at=tx.now))
    record_audit(
        tx,
        actor_id,
        "delete_map_comment",
        f"map:{slug}",
        before={"comment_id": str(comment_id), "author_id": str(comment.author_id)},
        after=None,
    )


async def resolve_map_thread(
    tx: Tx, slug: str, thread_id: UUID, *, actor_id: UUID, is_resolved: bool
) -> Thread:
    """Resolves a thread, or opens it again. A repeat is fine. Raises MapCommentNotFound."""
    first = await lock_thread(tx, slug, thread_id)
    if (first.resolved_at is not None) is not is_resolved:
        first = first.copy_row(
            resolved_at=tx.now if is_resolved else None,
            resolved_by=actor_id if is_resolved else None,
        )
        await tx.update(first)
        action = "resolve_map_thread" if is_resolved else "reopen_map_thread"
        _audit(tx, first, action, actor_id)
    return Thread(first, await list_replies(tx, first))


def require_text(text: str) -> str:
    """Returns a text without blanks around it. Raises InvalidMapComment."""
    told = text.strip()
    if not told or "\x00" in told:
        raise InvalidMapComment("a comment has a text", path="text")
    if len(told) > MOST_TEXT:
        raise InvalidMapComment(f"at most {MOST_TEXT} characters", path="text", most=MOST_TEXT)
    return told


async def _thread_of(tx: Tx, comment: MapComment) -> Thread:
    if comment.is_first:
        return Thread(comment, await list_replies(tx, comment))
    first = await lock_thread(tx, comment.map_slug, comment.thread_id)
    return Thread(first, await list_replies(tx, first))


def _require_version(comment: MapComment, expected_version: int) -> None:
    if expected_version and comment.version != expected_version:
        raise VersionMismatch(version=comment.version)


def _audit(tx: Tx, comment: MapComment, action: str, actor_id: UUID) -> None:
    record_audit(
        tx,
        actor_id,
        action,
        f"map:{comment.map_slug}",
        before=None,
        after={
            "comment_id": str(comment.id),
            "thread_id": str(comment.thread_id),
            "characters": len(comment.text),
        },
    )
