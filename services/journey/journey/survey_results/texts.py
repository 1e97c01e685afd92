"""Texts that people wrote in surveys. They may hold personal data."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from chassis.data.tx import Read
from journey.surveys.model import Sentiment, SurveyAnswer


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text to one question, with its answer's score and tone."""

    answer_id: UUID
    question: str
    text: str
    score: int | None
    sentiment: Sentiment
    locale: str
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFilter:
    """A filter of texts; what is empty or None filters nothing."""

    since: datetime | None = None
    until: datetime | None = None
    sentiment: Sentiment | None = None
    score_at_most: int | None = None
    question: str = ""


async def list_answers_with_text(
    read: Read,
    slug: str,
    chosen: TextFilter,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[SurveyAnswer]:
    """Returns answers that have a text, the newest first."""
    at, id = col(SurveyAnswer.given_at), col(SurveyAnswer.invitation_id)
    query = (
        select(SurveyAnswer)
        .where(col(SurveyAnswer.survey_slug) == slug, text("has_text"))
        .order_by(at.desc(), id.desc())
        .limit(limit)
    )
    if chosen.since is not None:
        query = query.where(at >= chosen.since)
    if chosen.until is not None:
        query = query.where(at < chosen.until)
    if chosen.sentiment is not None:
        query = query.where(col(SurveyAnswer.sentiment) == chosen.sentiment)
    if chosen.score_at_most is not None:
        query = query.where(col(SurveyAnswer.score) <= chosen.score_at_most)
    if before is not None:
        query = query.where((at < before[0]) | ((at == before[0]) & (id < before[1])))
    return await read.all(query)


def texts_of(answer: SurveyAnswer, question: str = "") -> Iterator[WrittenText]:
    """Yields the texts of an answer, or that to one question."""
    for value in answer.answers:
        if value.text and question in ("", value.question):
            yield WrittenText(
                answer.invitation_id,
                value.question,
                value.text,
                answer.score,
                answer.sentiment,
                answer.locale,
                answer.given_at,
            )
