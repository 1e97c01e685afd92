"""Answering surveys: by who has the token of an invitation."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.data.tx import Read, Tx
from journey.errors import InvalidSurveyToken, SurveyExpired
from journey.feedback.model import score_group
from journey.feedback.recording import Given, record_answer
from journey.sentiment.sentiment import classify_sentiment
from journey.surveys.definition import check_answers
from journey.surveys.follow_ups import open_follow_up
from journey.surveys.model import (
    AnswerValue,
    InvitationState,
    Sentiment,
    Survey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyState,
    SurveyType,
)
from journey.touchpoints.record import DefaultConsent, Recorded


@dataclass(frozen=True, slots=True)
class Answers:
    """An answer to a survey, as it came."""

    score: int | None
    values: Sequence[AnswerValue]
    locale: str


async def open_survey(read: Read, invitation_id: UUID | None) -> tuple[Survey, SurveyInvitation]:
    """Returns the survey of an invitation. Raises InvalidSurveyToken, SurveyExpired."""
    if invitation_id is None:
        raise InvalidSurveyToken
    # An invitation that is gone was its person's, who took their consent back.
    invitation = await read.get(SurveyInvitation, invitation_id)
    if invitation is None:
        raise SurveyExpired
    survey = await read.get(Survey, invitation.survey_slug)
    return _require_open(survey, invitation, read), invitation


async def answer_survey(
    tx: Tx,
    invitation_id: UUID | None,
    answers: Answers,
    *,
    is_granted_by_default: DefaultConsent,
    trace_id: UUID | None,
) -> tuple[SurveyAnswer, bool, Recorded]:
    """Stores an answer over an earlier one, and its touchpoint if consent allows it.

    Returns the answer, and whether there was an earlier one. Raises InvalidSurveyToken,
    SurveyExpired, InvalidAnswer.
    """
    survey, invitation = await _lock_survey(tx, invitation_id)
    values = check_answers(survey, answers.score, answers.values)
    before = await tx.get(SurveyAnswer, invitation.id)
    row = _row(tx, invitation, before, answers, values)
    recorded = Recorded([], 0, [])
    given = _given(survey, invitation, row, trace_id)
    if before is None or given.properties != _given(survey, invitation, before, None).properties:
        recorded = await record_answer(
            tx, row, given, is_granted_by_default, has_changed=before is not None
        )
    if before is None:
        await tx.insert(row)
    else:
        await tx.update(row)
    invitation.state = InvitationState.ANSWERED
    await tx.update(invitation)
    await open_follow_up(tx, survey, row)
    return row, before is not None, recorded


async def decline_survey(tx: Tx, invitation_id: UUID | None) -> None:
    """Notes that a person does not want to answer; an answer stays one.

    Raises InvalidSurveyToken.
    """
    if invitation_id is None:
        raise InvalidSurveyToken
    invitation = await tx.lock(SurveyInvitation, invitation_id)
    if invitation is not None and invitation.state is InvitationState.ASKED:
        invitation.state = InvitationState.DECLINED
        await tx.update(invitation)


async def _lock_survey(tx: Tx, invitation_id: UUID | None) -> tuple[Survey, SurveyInvitation]:
    if invitation_id is None:
        raise InvalidSurveyToken
    invitation = await tx.lock(SurveyInvitation, invitation_id)
    if invitation is None:
        raise SurveyExpired
    # Staff who change or delete the survey wait for its answers under way.
    await tx.fetch(
        "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 5))", [invitation.survey_slug]
    )
    survey = await tx.get(Survey, invitation.survey_slug)
    return _require_open(survey, invitation, tx), invitation


def _require_open(survey: Survey | None, invitation: SurveyInvitation, read: Read) -> Survey:
    is_over = invitation.expires_at is None or read.now >= invitation.expires_at
    if survey is None or is_over or survey.state is SurveyState.ENDED:
        raise SurveyExpired
    return survey


def _row(
    tx: Tx,
    invitation: SurveyInvitation,
    before: SurveyAnswer | None,
    answers: Answers,
    values: list[AnswerValue],
) -> SurveyAnswer:
    texts = [value.text for value in values if value.text]
    return SurveyAnswer(
        invitation_id=invitation.id,
        survey_slug=invitation.survey_slug,
        score=answers.score,
        answers=values,
        has_text=bool(texts),
        sentiment=classify_sentiment("\n".join(texts)) if texts else Sentiment.UNKNOWN,
        context=invitation.context,
        locale=answers.locale or invitation.locale,
        given_at=before.given_at if before else tx.now,
        changed_at=tx.now,
        recorded_at=before.recorded_at if before else None,
        revision=before.revision if before else 0,
    )


def _given(
    survey: Survey, invitation: SurveyInvitation, row: SurveyAnswer, trace_id: UUID | None
) -> Given:
    """Returns an answer as its touchpoint tells it: no text is in it."""
    properties = {"survey": survey.slug, "survey_type": str(survey.type)}
    if row.score is not None:
        properties["score"] = str(row.score)
    if row.score is not None and survey.type is SurveyType.NPS:
        properties["group"] = score_group(row.score)
    if row.has_text:
        properties["sentiment"] = row.sentiment
    return Given(
        key=str(invitation.id),
        subject=invitation.context.get("subject", ""),
        channel=invitation.context.get("channel", ""),
        visitor_id=invitation.visitor_id,
        guest_id=invitation.guest_id,
        customer_id=invitation.customer_id,
        properties=properties,
        trace_id=trace_id,
    )
