"""Results of surveys: scores with their margin of error, and counts of answers."""

import math
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from statistics import median_low
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from chassis.data.tx import Read
from journey.errors import InvalidQuestion
from journey.feedback.model import Group, score_group
from journey.maps.model import Stage
from journey.maps.rules import AMOUNT, FIELDS, PROPERTY, Condition
from journey.surveys.model import AnswerValue, Sentiment, Survey, SurveyType
from journey.surveys.queries import Counts

MOST_GROUPS: Final = 50
STAGE: Final = "stage"
# Of a normal distribution: 95 % lie within so many standard errors.
_Z: Final = 1.96
_SATISFIED_FROM: Final = 4
_OTHER_COLUMNS: Final = ("medium", "locale", "sentiment", STAGE)
_read_values: Final = TypeAdapter(list[AnswerValue]).validate_python


class Period(StrEnum):
    """Lengths of intervals of local time; NONE is all time together."""

    NONE = ""
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as results see it."""

    score: int | None
    values: Sequence[AnswerValue]
    context: Mapping[str, str]
    sentiment: str
    given_at: datetime
    person_id: UUID


@dataclass(slots=True)
class Tally:
    """Counts of some answers. `choices` are by question, then by answer."""

    answers: int = 0
    scores: Counter[int] = field(default_factory=Counter)
    choices: dict[str, Counter[str]] = field(default_factory=dict)
    sentiments: Counter[str] = field(default_factory=Counter)

    def add(self, given: Given) -> None:
        """Counts an answer."""
        self.answers += 1
        if given.score is not None:
            self.scores[given.score] += 1
        if given.sentiment != Sentiment.UNKNOWN or any(value.text for value in given.values):
            self.sentiments[given.sentiment] += 1
        for value in given.values:
            counted = self.choices.setdefault(value.question, Counter())
            if value.number is not None:
                counted[str(value.number)] += 1
            counted.update(value.choices)


@dataclass(frozen=True, slots=True)
class Score:
    """A score of answers: its value, and by how much it may be wrong (95 %)."""

    answers: int
    value: float
    margin: float


@dataclass(frozen=True, slots=True)
class Segment:
    """Answers that share a value and a period."""

    value: str
    begin: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class FollowUps:
    """Tasks of a survey, and the lower median of the time until they were closed."""

    opened: int
    closed: int
    median_seconds: float


@dataclass(frozen=True, slots=True)
class Results:
    """Results of a survey."""

    survey: Survey
    counts: Counts
    total: Tally
    segments: list[Segment]
    follow_ups: FollowUps
    given: list[Given] = field(default_factory=list)

    @property
    def people(self) -> set[UUID]:
        """Returns who gave the answers."""
        return {one.person_id for one in self.given}

    def tally_of(self, people: Container[UUID]) -> Tally:
        """Returns the counts of the answers of some people."""
        tally = Tally()
        for one in self.given:
            if one.person_id in people:
                tally.add(one)
        return tally


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsQuery:
    """A request for results: answers of a time, by a column and by intervals of local time."""

    since: datetime | None = None
    until: datetime | None = None
    by: str = ""
    period: Period = Period.NONE
    zone: tzinfo
    stages: Sequence[Stage] = ()


def score_of(survey_type: SurveyType, scores: Mapping[int, int]) -> Score | None:
    """Returns the score of answers by their numbers; None where the survey asks for none.

    NPS is the percentage of 9 and 10 less that of 0 to 6, CSAT the percentage of 4 and 5, CES the
    mean.
    """
    n = sum(scores.values())
    match survey_type:
        case SurveyType.FREE:
            return None
        case SurveyType.NPS:
            groups = Counter[Group]()
            for score, count in scores.items():
                groups[score_group(score)] += count
            points = {100.0: groups[Group.PROMOTER], -100.0: groups[Group.DETRACTOR]}
            points[0.0] = groups[Group.PASSIVE]
        case SurveyType.CSAT:
            satisfied = sum(count for score, count in scores.items() if score >= _SATISFIED_FROM)
            points = {100.0: satisfied, 0.0: n - satisfied}
        case SurveyType.CES:
            points = {float(score): count for score, count in scores.items()}
    return _mean(points, n)


def _mean(points: Mapping[float, int], n: int) -> Score:
    if not n:
        return Score(0, 0.0, 0.0)
    mean = sum(point * count for point, count in points.items()) / n
    variance = sum((point - mean) ** 2 * count for point, count in points.items()) / n
    return Score(n, mean, _Z * math.sqrt(variance / n))


async def get_results(read: Read, survey: Survey, counts: Counts, query: ResultsQuery) -> Results:
    """Returns the results of a survey. Raises InvalidQuestion for an unknown column."""
    value_of = _reader_of(query)
    total = Tally()
    groups: dict[tuple[str, str], Tally] = {}
    answers = await _answers(read, survey.slug, query)
    for given in answers:
        total.add(given)
        if query.by or query.period is not Period.NONE:
            key = value_of(given), _begin(given.given_at.astimezone(query.zone), query.period)
            groups.setdefault(key, Tally()).add(given)
    shown = _largest(groups)
    follow_ups = await _follow_ups(read, survey.slug, query)
    return Results(survey, counts, total, shown, follow_ups, answers)


def _largest(groups: Mapping[tuple[str, str], Tally]) -> list[Segment]:
    """Returns the groups of the values with the most answers, by value, then by time."""
    sizes = Counter[str]()
    for (value, _), tally in groups.items():
        sizes[value] += tally.answers
    ranked = sorted(sizes, key=lambda value: (-sizes[value], value))[:MOST_GROUPS]
    order = {value: place for place, value in enumerate(ranked)}
    kept = [Segment(*key, tally) for key, tally in groups.items() if key[0] in order]
    return sorted(kept, key=lambda group: (order[group.value], group.begin))


def _reader_of(query: ResultsQuery) -> Callable[[Given], str]:
    """Returns a function from an answer to its value of the column."""
    name = query.by
    if name == STAGE:
        return lambda given: stage_of(query.stages, given.context)
    if name == "sentiment":
        return lambda given: given.sentiment
    if name and name not in FIELDS and name not in _OTHER_COLUMNS and not _is_property(name):
        known = ", ".join(sorted({*FIELDS, *_OTHER_COLUMNS}))
        raise InvalidQuestion(f"one of {known}, or property:<name>", field="by")
    return lambda given: given.context.get(name, "")


def _is_property(name: str) -> bool:
    return name.startswith(PROPERTY) and len(name) > len(PROPERTY)


def stage_of(stages: Iterable[Stage], context: Mapping[str, str]) -> str:
    """Returns the slug of the first stage with a rule for a touchpoint; empty without one.

    Rules that look at a person's other touchpoints are passed over: an answer knows only its own.
    """
    for stage in stages:
        for rule in stage.rules:
            if not rule.looks_at_others and all(_holds(one, context) for one in rule.when):
                return stage.slug
    return ""


def _holds(condition: Condition, context: Mapping[str, str]) -> bool:
    if condition.field == AMOUNT:
        return condition.negated
    value = context.get(condition.field, "")
    found = (
        value in condition.any_of
        if condition.any_of
        else value.startswith(condition.prefix)
        if condition.prefix
        else bool(value)
    )
    return found is not condition.negated


def _begin(at: datetime, period: Period) -> str:
    """Returns the local day on which an interval begins."""
    day = at.date()
    match period:
        case Period.NONE:
            return ""
        case Period.DAY:
            return day.isoformat()
        case Period.WEEK:
            return (day - timedelta(days=day.weekday())).isoformat()
        case Period.MONTH:
            return day.replace(day=1).isoformat()


async def _answers(read: Read, slug: str, query: ResultsQuery) -> list[Given]:
    found = await read.fetch(
        # Whose an answer is, is whose a touchpoint of its time is: see PersonRow.
        "SELECT a.score, a.answers, a.context, a.sentiment, a.given_at, a.locale,"
        " coalesce(i.customer_id, CASE WHEN p.customer_id IS NOT NULL"
        " AND (p.shared_from IS NULL OR a.given_at < p.shared_from) THEN p.customer_id"
        " ELSE coalesce(p.group_id, i.visitor_id, i.guest_id) END)"
        " FROM survey_answer a JOIN survey_invitation i ON i.id = a.invitation_id"
        " LEFT JOIN person p ON p.handle_id = coalesce(i.visitor_id, i.guest_id)"
        " WHERE a.survey_slug = %(slug)s"
        " AND (%(since)s::timestamptz IS NULL OR a.given_at >= %(since)s)"
        " AND (%(until)s::timestamptz IS NULL OR a.given_at < %(until)s)",
        {"slug": slug, "since": query.since, "until": query.until},
    )
    return [
        Given(
            score, _read_values(values), {**context, "locale": locale}, sentiment, given_at, person
        )
        for score, values, context, sentiment, given_at, locale, person in found
    ]


async def _follow_ups(read: Read, slug: str, query: ResultsQuery) -> FollowUps:
    found = await read.fetch(
        "SELECT extract(epoch FROM closed_at - opened_at)::float8 FROM follow_up"
        " WHERE survey_slug = %(slug)s"
        " AND (%(since)s::timestamptz IS NULL OR opened_at >= %(since)s)"
        " AND (%(until)s::timestamptz IS NULL OR opened_at < %(until)s)",
        {"slug": slug, "since": query.since, "until": query.until},
    )
    closed = [seconds for (seconds,) in found if seconds is not None]
    return FollowUps(len(found), len(closed), median_low(closed) if closed else 0.0)
