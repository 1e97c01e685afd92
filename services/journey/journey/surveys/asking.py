"""Asking people: which surveys are due, and a turn for each person.

The touchpoints of a person decide, so nobody is asked whose touchpoints are not stored. All
decisions about one person are taken under one lock.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from chassis.data.tx import Read, Tx
from chassis.runtime.clock import uuid7
from journey.errors import SurveyNotDue
from journey.people.model import Person, get_person_of_customer, get_person_of_handle
from journey.surveys.model import (
    InvitationState,
    Medium,
    Survey,
    SurveyInvitation,
)
from journey.surveys.queries import (
    get_rules,
    list_asked_touchpoints,
    list_open_surveys,
    may_be_asked,
)
from journey.touchpoints.acts import IS_ACT
from journey.touchpoints.model import FROM_TOUCHPOINT, OF_PERSON

_MOST_TOUCHPOINTS: Final = 200
# Columns of the touchpoint by which results are broken down.
CONTEXT: Final[tuple[LiteralString, ...]] = (
    "kind", "source", "channel", "outcome", "reason", "subject", "device", "currency",
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "click_id",
    "referrer_host",
)  # fmt: skip
_COLUMNS: Final[LiteralString] = ", ".join([f"t.{name}" for name in CONTEXT])
PROPERTY: Final = "property:"


@dataclass(frozen=True, slots=True)
class Respondent:
    """The ids by which somebody comes: their browser's, and those of their token."""

    visitor_id: UUID | None
    guest_id: UUID | None = None
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """A touchpoint after which somebody may be asked."""

    id: UUID
    occurred_at: datetime
    context: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DueSurvey:
    """A survey that somebody may be asked now, and the touchpoint that it is about."""

    survey: Survey
    cause: Cause


async def list_due_surveys(read: Read, respondent: Respondent) -> list[DueSurvey]:
    """Returns the surveys that somebody may be asked on a page now, the oldest survey first."""
    surveys = [
        survey
        for survey in await list_open_surveys(read, read.now)
        if Medium.PAGE in survey.trigger.media
    ]
    if not surveys:
        return []
    people = await find_people(read, respondent)
    if not await may_be_asked(read, ids_of(people), await get_rules(read)):
        return []
    causes = [cause for person in people for cause in await _causes(read, person, surveys)]
    asked = await list_asked_touchpoints(read, [cause.id for cause in causes])
    found = []
    for survey in surveys:
        if not is_in_share(survey, people[0].id):
            continue
        due = (
            cause
            for cause in causes
            if (survey.slug, cause.id) not in asked and _fits(survey, cause, read.now)
        )
        if (cause := next(due, None)) is not None:
            found.append(DueSurvey(survey, cause))
    return found


async def ask_survey(
    tx: Tx, slug: str, respondent: Respondent, *, locale: str
) -> tuple[Survey, SurveyInvitation]:
    """Takes somebody's turn for a survey. Raises SurveyNotDue."""
    await lock_askings(tx, await find_people(tx, respondent))
    due = [one for one in await list_due_surveys(tx, respondent) if one.survey.slug == slug]
    if not due:
        raise SurveyNotDue
    survey, cause, rules = due[0].survey, due[0].cause, await get_rules(tx)
    invitation = SurveyInvitation(
        id=uuid7(),
        survey_slug=survey.slug,
        touchpoint_id=cause.id,
        visitor_id=respondent.visitor_id,
        guest_id=respondent.guest_id,
        customer_id=respondent.customer_id,
        medium=Medium.PAGE,
        state=InvitationState.ASKED,
        context={**cause.context, "medium": Medium.PAGE},
        locale=locale,
        created_at=tx.now,
        asked_at=tx.now,
        expires_at=tx.now + timedelta(days=rules.answer_days),
    )
    await tx.insert(invitation)
    return survey, invitation


async def find_people(read: Read, respondent: Respondent) -> list[Person]:
    """Returns the persons that somebody may be: that of their token, then the browser's.

    On a shared browser these are several: a turn of each of them counts.
    """
    people: dict[UUID, Person] = {}
    if respondent.customer_id is not None:
        person = await get_person_of_customer(read, respondent.customer_id)
        people[person.id] = person
    for handle in (respondent.guest_id, respondent.visitor_id):
        if handle is not None:
            person = await get_person_of_handle(read, handle)
            people.setdefault(person.id, person)
    return list(people.values())


def ids_of(people: Sequence[Person]) -> list[UUID]:
    """Returns all ids of persons."""
    return sorted({id for person in people for id in (person.id, *person.handles)})


async def lock_askings(tx: Tx, people: Sequence[Person]) -> None:
    """Lets one transaction at a time decide whether these persons are asked."""
    for id in sorted(person.id for person in people):
        await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 6))", [str(id)])


def is_in_share(survey: Survey, person_id: UUID) -> bool:
    """Returns whether a person is of the share who are asked: the same ones each time."""
    digest = hashlib.blake2b(f"{survey.slug}\x1f{person_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % 100 < survey.trigger.share_percent


def _fits(survey: Survey, cause: Cause, now: datetime) -> bool:
    trigger = survey.trigger
    due_at = cause.occurred_at + timedelta(seconds=trigger.delay_seconds)
    return (
        cause.context["kind"] == trigger.kind
        and (not trigger.channels or cause.context.get("channel", "") in trigger.channels)
        and due_at <= now < due_at + timedelta(seconds=trigger.window_seconds)
    )


async def _causes(read: Read, person: Person, surveys: Sequence[Survey]) -> list[Cause]:
    """Returns a person's newest touchpoints after which surveys are asked, the newest first."""
    longest = max(one.trigger.delay_seconds + one.trigger.window_seconds for one in surveys)
    found = await read.fetch(
        f"SELECT t.id, t.occurred_at, t.properties, {_COLUMNS} FROM {FROM_TOUCHPOINT}"
        f" WHERE {OF_PERSON} AND {IS_ACT} AND t.kind = ANY(%(kinds)s)"
        " AND t.occurred_at > %(since)s ORDER BY t.occurred_at DESC, t.id DESC LIMIT %(most)s",
        {
            "person": person.id,
            "handles": list(person.handles),
            "kinds": sorted({survey.trigger.kind for survey in surveys}),
            "since": read.now - timedelta(seconds=longest),
            "most": _MOST_TOUCHPOINTS,
        },
    )
    return [
        Cause(id, at, context_of(dict(zip(CONTEXT, values, strict=True)), properties))
        for id, at, properties, *values in found
    ]


def context_of(columns: Mapping[str, str], properties: object) -> dict[str, str]:
    """Returns the columns of a touchpoint that have a value, and its properties."""
    kept = {name: value for name, value in columns.items() if value and name in CONTEXT}
    if isinstance(properties, Mapping):
        kept |= {f"{PROPERTY}{name}": str(value) for name, value in properties.items()}
    return kept
