"""Surveys as messages, and back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from chassis.rpc.wire import EnumCodec, timestamp
from journey.maps.model import localized
from journey.surveys.definition import score_texts
from journey.surveys.model import (
    DEFAULT_WINDOW_SECONDS,
    SCORES,
    AnswerValue,
    Choice,
    InvitationState,
    Medium,
    Question,
    QuestionType,
    Survey,
    SurveyInvitation,
    SurveyRules,
    SurveyState,
    SurveyType,
    Trigger,
)
from journey.surveys.queries import Counts
from sojourn.journey.v1 import surveys_pb2 as pb

TYPES = EnumCodec(pb.SurveyType, SurveyType)
STATES = EnumCodec(pb.SurveyState, SurveyState, unspecified=SurveyState.DRAFT)
QUESTION_TYPES = EnumCodec(pb.QuestionType, QuestionType)
MEDIA = EnumCodec(pb.SurveyMedium, Medium)
_DEFAULT_LOCALE = "en"


def survey_of(message: pb.Survey) -> Survey:
    """Returns the survey of a request; times and version are set as it is kept."""
    unknown = datetime.fromtimestamp(0, UTC)
    return Survey(
        slug=message.slug,
        name=message.name,
        type=TYPES.decode(message.type),
        state=STATES.decode(message.state),
        trigger=_trigger_of(message.trigger),
        starts_at=_time(message, "starts_at"),
        ends_at=_time(message, "ends_at"),
        score_text=dict(message.score_text),
        questions=[_question_of(question) for question in message.questions],
        follow_up_at=message.follow_up_at if message.HasField("follow_up_at") else None,
        created_at=unknown,
        changed_at=unknown,
    )


def _time(message: Any, field: str) -> datetime | None:
    return getattr(message, field).ToDatetime(UTC) if message.HasField(field) else None


def _trigger_of(message: pb.SurveyTrigger) -> Trigger:
    return Trigger(
        kind=message.kind,
        delay_seconds=message.delay_seconds,
        window_seconds=message.window_seconds or DEFAULT_WINDOW_SECONDS,
        channels=list(message.channels),
        share_percent=message.share_percent or 100,
        media=[MEDIA.decode(medium) for medium in message.media] or [Medium.PAGE],
    )


def _question_of(message: pb.SurveyQuestion) -> Question:
    return Question(
        id=message.id,
        type=QUESTION_TYPES.decode(message.type),
        text=dict(message.text),
        choices=[Choice(choice.id, dict(choice.text)) for choice in message.choices],
        lowest=message.lowest,
        highest=message.highest,
        is_required=message.is_required,
    )


def survey(row: Survey, counted: Counts) -> pb.Survey:
    return pb.Survey(
        slug=row.slug,
        version=row.version,
        name=row.name,
        type=TYPES.encode(row.type),
        state=STATES.encode(row.state),
        trigger=pb.SurveyTrigger(
            kind=row.trigger.kind,
            delay_seconds=row.trigger.delay_seconds,
            window_seconds=row.trigger.window_seconds,
            channels=row.trigger.channels,
            share_percent=row.trigger.share_percent,
            media=[MEDIA.encode(medium) for medium in row.trigger.media],
        ),
        starts_at=timestamp(row.starts_at),
        ends_at=timestamp(row.ends_at),
        score_text=row.score_text,
        questions=[
            pb.SurveyQuestion(
                id=one.id,
                type=QUESTION_TYPES.encode(one.type),
                text=one.text,
                choices=[pb.SurveyChoice(id=each.id, text=each.text) for each in one.choices],
                lowest=one.lowest,
                highest=one.highest,
                is_required=one.is_required,
            )
            for one in row.questions
        ],
        follow_up_at=row.follow_up_at,
        created_at=timestamp(row.created_at),
        counts=counts(counted),
    )


def counts(counted: Counts) -> pb.SurveyCounts:
    return pb.SurveyCounts(
        asked=counted.asked,
        answered=counted.answered,
        declined=counted.declined,
        response_rate=counted.response_rate,
    )


def rules_of(message: pb.SurveyRules) -> SurveyRules:
    """Returns the rules of a request."""
    return SurveyRules(
        days_between=message.days_between,
        most_per_year=message.most_per_year,
        answer_days=message.answer_days,
    )


def rules(row: SurveyRules) -> pb.SurveyRules:
    return pb.SurveyRules(
        version=row.version,
        days_between=row.days_between,
        most_per_year=row.most_per_year,
        answer_days=row.answer_days,
    )


def values_of(messages: Sequence[pb.QuestionAnswer]) -> list[AnswerValue]:
    """Returns the answers of a request."""
    return [
        AnswerValue(
            question=message.question,
            choices=list(message.choices),
            number=message.number if message.HasField("number") else None,
            text=message.text,
        )
        for message in messages
    ]


def asked_survey(
    row: Survey, locale: str, invitation: SurveyInvitation | None = None, token: str = ""
) -> pb.AskedSurvey:
    """Returns a survey in the best of its languages for a locale."""
    lowest, highest = SCORES.get(row.type, (0, 0))
    text = score_texts(row)
    return pb.AskedSurvey(
        slug=row.slug,
        type=TYPES.encode(row.type),
        locale=_shown_locale(row, locale),
        score_text=localized(text, locale),
        lowest_score=lowest,
        highest_score=highest,
        questions=[
            pb.AskedQuestion(
                id=one.id,
                type=QUESTION_TYPES.encode(one.type),
                text=localized(one.text, locale),
                choices=[
                    pb.AskedChoice(id=each.id, text=localized(each.text, locale))
                    for each in one.choices
                ],
                lowest=one.lowest,
                highest=one.highest,
                is_required=one.is_required,
            )
            for one in row.questions
        ],
        token=token,
        expires_at=timestamp(invitation.expires_at) if invitation else None,
        is_answered=invitation is not None and invitation.state is InvitationState.ANSWERED,
    )


def _shown_locale(row: Survey, locale: str) -> str:
    """Returns the locale in which the survey's first question is shown."""
    texts = score_texts(row) or row.questions[0].text
    candidates = (locale, locale.split("-")[0])
    return next((one for one in candidates if one in texts), _DEFAULT_LOCALE)
