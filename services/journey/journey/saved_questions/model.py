"""Saved questions."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import Index

from chassis.data.rows import Field, Row, counter, document


class QuestionKind(StrEnum):
    """Kinds of questions that can be saved, as their answers are named."""

    TREND = "trend"
    PATHS = "paths"
    RETENTION = "retention"
    ATTRIBUTION = "attribution"
    FUNNEL = "funnel"
    FUNNEL_PEOPLE = "funnel_people"
    STEP_TIMES = "step_times"
    ANOMALIES = "anomalies"
    PAINS = "pains"
    PRODUCTS = "products"
    SEARCHES = "searches"
    MAP = "map"
    MAP_PEOPLE = "map_people"
    CONFORMANCE = "conformance"
    SAYS_DOES = "says_does"
    LIFETIME_VALUE = "lifetime_value"

    @property
    def command(self) -> str:
        """Returns the name that the command `ask` has for it."""
        return self.value.replace("_", "-")


class SavedQuestion(Row, table=True):
    """A question that staff keep.

    `kind` is a QuestionKind, or one of a newer release. `request` is the body that the endpoint of
    the question takes, and `segments` are the slugs that it names.
    """

    __tablename__ = "saved_question"
    __table_args__ = (
        Index("saved_question_kind", "kind", "slug"),
        Index("saved_question_owner", "owner_id", "slug"),
    )

    slug: str = Field(primary_key=True)
    version: int = counter(default=1)
    name: str
    kind: str
    request: dict[str, JsonValue] = document(dict[str, JsonValue])
    segments: list[str] = document(list[str])
    owner_id: UUID
    created_at: datetime
    changed_at: datetime
