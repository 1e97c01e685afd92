"""Reads of surveys, their rules, and who was asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, exists
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import prepare
from chassis.data.tx import Read
from journey.errors import SurveyNotFound
from journey.surveys.model import (
    InvitationState,
    Survey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyRules,
    SurveyState,
)

_LOOP: Final = Loop("surveys")
_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a survey. `asked` has those who answered and those who declined too."""

    asked: int = 0
    answered: int = 0
    declined: int = 0

    @property
    def response_rate(self) -> float:
        """Returns answered by asked; 0 of none."""
        return self.answered / self.asked if self.asked else 0.0


async def get_survey(read: Read, slug: str) -> Survey:
    """Returns a survey. Raises SurveyNotFound."""
    if (survey := await read.get(Survey, slug)) is None:
        raise SurveyNotFound
    return survey


async def list_surveys(read: Read) -> list[Survey]:
    """Returns all surveys, the newest first. One that cannot be read is left out."""
    query = select(Survey).order_by(col(Survey.created_at).desc(), col(Survey.slug))
    return await find_readable(read, Survey, query, loop=_LOOP)


async def list_open_surveys(read: Read, at: datetime) -> list[Survey]:
    """Returns the surveys that are asked at a time, the oldest first."""
    query = (
        select(Survey)
        .where(col(Survey.state) == SurveyState.ACTIVE)
        .order_by(col(Survey.created_at), col(Survey.slug))
    )
    found = await find_readable(read, Survey, query, loop=_LOOP)
    return [survey for survey in found if survey.is_open_at(at)]


async def get_rules(read: Read) -> SurveyRules:
    """Returns how often a person may be asked; the usual rules where nobody set any."""
    return await read.get(SurveyRules, "default") or SurveyRules(version=0)


async def count_invitations(read: Read, slugs: Iterable[str]) -> dict[str, Counts]:
    """Returns how often surveys were asked."""
    found = await read.fetch(
        "SELECT survey_slug, count(*), count(*) FILTER (WHERE state = 'answered'),"
        " count(*) FILTER (WHERE state = 'declined') FROM survey_invitation"
        " WHERE survey_slug = ANY(%s) AND asked_at IS NOT NULL GROUP BY 1",
        [list(slugs)],
    )
    return {slug: Counts(*numbers) for slug, *numbers in found}


async def has_answers(read: Read, slug: str) -> bool:
    """Returns whether anybody answered a survey."""
    return bool(await read.one(_HAS_ANSWERS, slug=slug))


async def may_be_asked(read: Read, people: Sequence[UUID], rules: SurveyRules) -> bool:
    """Returns whether a person, by all their ids, may be asked once more.

    To decide and to ask is one thing only under `lock_askings`.
    """
    ((year, lately),) = await read.fetch(
        "SELECT count(*), count(*) FILTER (WHERE asked_at > %(lately)s) FROM survey_invitation"
        " WHERE asked_at > %(year)s AND (visitor_id = ANY(%(ids)s) OR guest_id = ANY(%(ids)s)"
        " OR customer_id = ANY(%(ids)s))",
        {
            "ids": list(people),
            "year": read.now - _YEAR,
            "lately": read.now - timedelta(days=rules.days_between),
        },
    )
    return bool(year < rules.most_per_year and (rules.days_between == 0 or lately == 0))


async def list_asked_touchpoints(
    read: Read, touchpoint_ids: Sequence[UUID]
) -> set[tuple[str, UUID]]:
    """Returns surveys with those of some touchpoints about which they were asked."""
    found = await read.fetch(
        "SELECT survey_slug, touchpoint_id FROM survey_invitation WHERE touchpoint_id = ANY(%s)",
        [list(touchpoint_ids)],
    )
    return {(slug, id) for slug, id in found}


async def get_answer(read: Read, invitation: SurveyInvitation) -> SurveyAnswer | None:
    """Returns the answer of an invitation, or None."""
    if invitation.state is not InvitationState.ANSWERED:
        return None
    return await read.get(SurveyAnswer, invitation.id)


_HAS_ANSWERS: Final = prepare(
    select(exists().where(col(SurveyAnswer.survey_slug) == bindparam("slug")))
)
