"""Segments: filters that staff keep under a slug."""

from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from chassis.data.rows import Field, Row, counter, document


class Segment(Row, table=True):
    """A named filter.

    `filter` is the message TouchpointFilter as JSON, by its own field names.
    """

    __tablename__ = "segment"

    slug: str = Field(primary_key=True)
    version: int = counter(default=1)
    name: str
    filter: dict[str, JsonValue] = document(dict[str, JsonValue])
    owner_id: UUID
    created_at: datetime
    changed_at: datetime
