"""Results, texts and follow-up tasks as messages."""

from collections.abc import Mapping, Sequence

from chassis.rpc.wire import EnumCodec, timestamp
from journey.survey_results.queries import Period, Results, Tally, score_of
from journey.survey_results.texts import WrittenText
from journey.surveys.follow_ups import FollowUp, FollowUpState
from journey.surveys.model import (
    Question,
    QuestionType,
    Sentiment,
    Survey,
    SurveyInvitation,
)
from journey.surveys.wire import TYPES, counts
from sojourn.journey.v1 import surveys_pb2 as pb

PERIODS = EnumCodec(pb.ResultsPeriod, Period, unspecified=Period.NONE)
SENTIMENTS = EnumCodec(pb.Sentiment, Sentiment, unspecified=Sentiment.UNKNOWN)
FOLLOW_UP_STATES = EnumCodec(pb.FollowUpState, FollowUpState)


def results(found: Results, compared: Mapping[str, Tally]) -> pb.SurveyResults:
    """Returns results, with the counts of segments that are compared, by slug."""
    follow_ups = found.follow_ups
    return pb.SurveyResults(
        slug=found.survey.slug,
        type=TYPES.encode(found.survey.type),
        counts=counts(found.counts),
        total=_tally(found.survey, found.total),
        segments=[
            pb.ResultsSegment(
                value=one.value, begin=one.begin, tally=_tally(found.survey, one.tally)
            )
            for one in found.segments
        ],
        follow_ups=pb.FollowUpCounts(
            opened=follow_ups.opened,
            closed=follow_ups.closed,
            median_seconds_to_close=follow_ups.median_seconds,
        ),
        compared=[
            pb.ResultsOfSegment(segment=slug, tally=_tally(found.survey, tally))
            for slug, tally in compared.items()
        ],
    )


def _tally(survey: Survey, tally: Tally) -> pb.AnswerTally:
    score = score_of(survey.type, tally.scores)
    return pb.AnswerTally(
        answers=tally.answers,
        score=score.value if score else None,
        margin_of_error=score.margin if score else 0,
        scores=[
            pb.AnswerCount(answer=str(one), count=count)
            for one, count in sorted(tally.scores.items())
        ],
        questions=[
            pb.QuestionCounts(
                question=question.id,
                answers=_counted(tally.choices.get(question.id, {}), _order(question)),
            )
            for question in survey.questions
            if question.type is not QuestionType.TEXT
        ],
        sentiments=_counted(tally.sentiments, list(Sentiment)),
    )


def _order(question: Question) -> list[str]:
    if question.type is QuestionType.SCALE:
        return [str(number) for number in range(question.lowest, question.highest + 1)]
    return [choice.id for choice in question.choices]


def _counted(given: Mapping[str, int], order: Sequence[str]) -> list[pb.AnswerCount]:
    return [pb.AnswerCount(answer=one, count=given[one]) for one in order if one in given]


def written_text(found: WrittenText) -> pb.SurveyText:
    return pb.SurveyText(
        answer_id=str(found.answer_id),
        question=found.question,
        text=found.text,
        score=found.score,
        sentiment=SENTIMENTS.encode(found.sentiment),
        locale=found.locale,
        given_at=timestamp(found.given_at),
    )


def follow_up(row: FollowUp, invitation: SurveyInvitation | None) -> pb.FollowUp:
    handle = invitation and (invitation.visitor_id or invitation.guest_id)
    return pb.FollowUp(
        id=str(row.id),
        version=row.version,
        survey_slug=row.survey_slug,
        score=row.score,
        state=FOLLOW_UP_STATES.encode(row.state),
        assignee_id=str(row.assignee_id or ""),
        note=row.note,
        reason=row.reason,
        opened_at=timestamp(row.opened_at),
        closed_at=timestamp(row.closed_at),
        customer_id=str((invitation and invitation.customer_id) or ""),
        visitor_id=str(handle or ""),
    )
