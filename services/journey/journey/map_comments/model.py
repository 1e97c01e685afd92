"""Table of comments, and the rule of where one may be anchored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Index

from chassis.data.rows import Field, Row, counter
from journey.maps.document_lists import objects, texts

MOST_TEXT: Final = 5_000
MOST_REPLIES: Final = 200
# Lanes that every stage may have.
LANES: Final = frozenset(
    {
        "meaning", "rules", "sub_stages", "emotion_level", "goals", "actions", "touchpoints",
        "emotions", "pains", "moments_of_truth", "opportunities", "metrics", "branches",
        "people", "conversion", "revenue",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place of a map: a lane of a stage, a stage, or, with neither, the whole map."""

    stage: str = ""
    lane: str = ""


class MapComment(Row, table=True):
    """A comment. The first one of a thread has the thread's id, its anchor, and its resolution.

    A deleted comment has no text any more; it stays where it has replies.
    """

    __tablename__ = "map_comment"
    __table_args__ = (Index("map_comment_map", "map_slug", "thread_id", "id"),)

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    map_slug: str
    thread_id: UUID
    stage: str = ""
    lane: str = ""
    text: str
    author_id: UUID
    created_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    resolved_by: UUID | None = None
    resolved_at: datetime | None = None

    @property
    def anchor(self) -> Anchor:
        return Anchor(self.stage, self.lane)

    @property
    def is_first(self) -> bool:
        return self.id == self.thread_id


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment with its replies in their order."""

    first: MapComment
    replies: list[MapComment]


def missing_part(anchor: Anchor, document: Mapping[str, Any]) -> str:
    """Returns the part of an anchor that a map does not have: stage or lane; empty for none."""
    if not anchor.stage:
        return "stage" if anchor.lane else ""
    stages = objects(document, "stages")
    stage = next((one for one in stages if one.get("slug") == anchor.stage), None)
    if stage is None:
        return "stage"
    return "" if not anchor.lane or anchor.lane in _lanes_of(document) else "lane"


def _lanes_of(document: Mapping[str, Any]) -> frozenset[str]:
    drawn: set[str] = set()
    for stage in objects(document, "stages"):
        drawn |= {str(cell.get("lane") or "") for cell in objects(stage, "cells")}
        details = stage.get("details")
        drawn |= set(details) if isinstance(details, Mapping) else set()
    return LANES | set(texts(document, "lanes")) | drawn
