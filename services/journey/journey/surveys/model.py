"""Surveys, the people who were asked, and their answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text

from chassis.data.rows import Field, Row, code, counter, document, states

SCORE: Final = "score"
MOST_TEXT: Final = 2_000
MOST_STEPS: Final = 20
DEFAULT_WINDOW_SECONDS: Final = 30 * 86_400


class SurveyType(StrEnum):
    """Kinds of surveys, by the score that they ask for."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    FREE = "free"


# Lowest and highest score.
SCORES: Final[Mapping[SurveyType, tuple[int, int]]] = {
    SurveyType.NPS: (0, 10),
    SurveyType.CSAT: (1, 5),
    SurveyType.CES: (1, 7),
}


class SurveyState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ENDED = "ended"


class QuestionType(StrEnum):
    CHOICE = "choice"
    MULTIPLE_CHOICE = "multiple_choice"
    SCALE = "scale"
    TEXT = "text"


class Medium(StrEnum):
    """Place where people are asked."""

    PAGE = "page"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of a question; texts by locale."""

    id: str
    text: dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """A question beside the score; texts by locale."""

    id: str
    type: QuestionType
    text: dict[str, str]
    choices: list[Choice] = field(default_factory=list)
    lowest: int = 0
    highest: int = 0
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Trigger:
    """A kind of touchpoint after which people are asked, and how many of them."""

    kind: str
    delay_seconds: int = 0
    window_seconds: int = DEFAULT_WINDOW_SECONDS
    channels: list[str] = field(default_factory=list)
    share_percent: int = 100
    media: list[Medium] = field(default_factory=lambda: [Medium.PAGE])


class Survey(Row, table=True):
    """Questions that people are asked after a kind of touchpoint."""

    __tablename__ = "survey"
    __table_args__ = (states("type", SurveyType), states("state", SurveyState))

    slug: str = Field(primary_key=True)
    version: int = counter(default=1)
    name: str
    type: SurveyType = code(SurveyType)
    state: SurveyState = code(SurveyState)
    trigger: Trigger = document(Trigger)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    score_text: dict[str, str] = document(dict[str, str])
    questions: list[Question] = document(list[Question])
    follow_up_at: int | None = None
    created_at: datetime
    changed_at: datetime

    def is_open_at(self, at: datetime) -> bool:
        """Returns whether people are asked at a time."""
        return (
            self.state is SurveyState.ACTIVE
            and (self.starts_at is None or self.starts_at <= at)
            and (self.ends_at is None or at < self.ends_at)
        )


class SurveyRules(Row, table=True):
    """Limits of how often a person is asked, by all surveys together. One row, or none."""

    __tablename__ = "survey_rules"

    name: str = Field(primary_key=True, default="default")
    version: int = counter(default=1)
    days_between: int = 30
    most_per_year: int = 4
    answer_days: int = 30


class InvitationState(StrEnum):
    """States of an invitation. Those after SCHEDULED and SKIPPED count as asked."""

    SCHEDULED = "scheduled"
    SKIPPED = "skipped"
    ASKED = "asked"
    DECLINED = "declined"
    ANSWERED = "answered"


class SurveyInvitation(Row, table=True):
    """A person who is asked, or will be, after one touchpoint.

    `context` are columns and properties of that touchpoint, by which results are broken down.
    `email` is kept until the mail is sent. `asked_at` is None for who was not asked.
    """

    __tablename__ = "survey_invitation"
    __table_args__ = (
        states("state", InvitationState),
        states("medium", Medium),
        CheckConstraint("coalesce(visitor_id, guest_id, customer_id) IS NOT NULL"),
        UniqueConstraint("survey_slug", "touchpoint_id"),
        Index("survey_invitation_visitor", "visitor_id"),
        Index("survey_invitation_guest", "guest_id"),
        Index("survey_invitation_customer", "customer_id"),
        Index("survey_invitation_touchpoint", "touchpoint_id"),
        Index("survey_invitation_survey", "survey_slug", "state"),
    )

    id: UUID = Field(primary_key=True)
    survey_slug: str
    touchpoint_id: UUID
    visitor_id: UUID | None
    guest_id: UUID | None
    customer_id: UUID | None
    medium: Medium = code(Medium)
    state: InvitationState = code(InvitationState)
    reason: str = ""
    context: dict[str, str] = document(dict[str, str])
    email: str = Field(default="", repr=False)
    locale: str = ""
    created_at: datetime
    asked_at: datetime | None = None
    expires_at: datetime | None = None


class Sentiment(StrEnum):
    """Tone of a text; UNKNOWN for languages without a lexicon and for no text."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AnswerValue:
    """An answer to one question: the field of its kind is set."""

    question: str
    choices: list[str] = field(default_factory=list)
    number: int | None = None
    text: str = ""


class SurveyAnswer(Row, table=True):
    """A person's answer to a survey, one an invitation. Texts may hold personal data.

    `recorded_at` is the time of its touchpoint, and `revision` counts the touchpoint's corrections.
    """

    __tablename__ = "survey_answer"
    __table_args__ = (
        states("sentiment", Sentiment),
        Index("survey_answer_survey", "survey_slug", "given_at", "invitation_id"),
        Index(
            "survey_answer_text",
            "survey_slug",
            "given_at",
            "invitation_id",
            postgresql_where=text("has_text"),
        ),
    )

    invitation_id: UUID = Field(primary_key=True)
    survey_slug: str
    score: int | None = None
    answers: list[AnswerValue] = document(list[AnswerValue], repr=False)
    has_text: bool = False
    sentiment: Sentiment = code(Sentiment)
    context: dict[str, str] = document(dict[str, str])
    locale: str = ""
    given_at: datetime
    changed_at: datetime
    recorded_at: datetime | None = None
    revision: int = 0
