"""Surveys: what customers are asked, their answers, and follow-up tasks of staff."""

from typing import Final

from pydantic import JsonValue

from gateway.composed.surveys import prepare_asking, prepare_listing
from gateway.contracts.examples import UUID
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.journey.v1.surveys_pb2_grpc import (
    FollowUpServiceServicer,
    SurveyAnswerServiceServicer,
    SurveyServiceServicer,
)

_VISITOR: Final = frozenset({"visitor_id"})
_READ: Final = staff("journeys.read")
_WRITE: Final = staff("journeys.write")
_LINK: Final = "A_dLzP2Jc5i1NfTjY0mZxvH4wq7oKkR8sUeGtBnM3yE6aWlDpQhVrXuCfIgOb9Tz"
_SURVEY: Final[JsonValue] = {
    "survey": {
        "name": "After delivery",
        "type": "nps",
        "state": "active",
        "trigger": {"kind": "order.delivered", "delay_seconds": 86400, "share_percent": 50},
        "follow_up_at": 6,
        "questions": [
            {
                "id": "why",
                "type": "text",
                "text": {"en": "Why?", "de": "Warum?"},
            }
        ],
    }
}
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/surveys",
        rpc=rpc(SurveyAnswerServiceServicer.ListDueSurveys),
        callers=PUBLIC,
        touchpoint=None,
        hidden=_VISITOR,
        prepare=prepare_listing,
        text="Surveys that this visitor may be asked now. It asks nothing yet: show one, and tell "
        "it by `POST /v1/surveys/{slug}/ask`.",
    ),
    Endpoint(
        method="POST",
        path="/v1/surveys/{slug}/ask",
        rpc=rpc(SurveyAnswerServiceServicer.AskSurvey),
        callers=PUBLIC,
        touchpoint=None,
        hidden=_VISITOR,
        prepare=prepare_asking,
        key=KeyRule.NONE,
        is_secret=True,
        text="Asks this visitor, who has no other survey for a while then, and answers the survey "
        "with the token to answer it.",
    ),
    Endpoint(
        method="POST",
        path="/v1/surveys/open",
        rpc=rpc(SurveyAnswerServiceServicer.OpenSurvey),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        sends_token=False,
        key=KeyRule.NONE,
        is_secret=True,
        example={"token": _LINK},
        text="A survey by its token, as a link in a mail has it.",
    ),
    Endpoint(
        method="POST",
        path="/v1/surveys/answer",
        rpc=rpc(SurveyAnswerServiceServicer.AnswerSurvey),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        sends_token=False,
        key=KeyRule.NONE,
        most_bytes=256 * KIB,
        example={
            "token": _LINK,
            "score": 9,
            "answers": [{"question": "why", "text": "It came early."}],
        },
        text="Answers a survey. A second answer replaces the first.",
    ),
    Endpoint(
        method="POST",
        path="/v1/surveys/decline",
        rpc=rpc(SurveyAnswerServiceServicer.DeclineSurvey),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        sends_token=False,
        key=KeyRule.NONE,
        status=204,
        example={"token": _LINK},
        text="Says that the person does not want to answer.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/surveys",
        rpc=rpc(SurveyServiceServicer.ListSurveys),
        callers=_READ,
        touchpoint=None,
        text="All surveys, with how often they were asked and answered.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/surveys/{slug}",
        rpc=rpc(SurveyServiceServicer.GetSurvey),
        callers=_READ,
        touchpoint=None,
        text="A survey.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/surveys/{slug}",
        rpc=rpc(SurveyServiceServicer.PutSurvey),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        paths={"slug": "survey.slug"},
        most_bytes=256 * KIB,
        example=_SURVEY,
        text="Creates or replaces a survey. What answers refer to cannot change.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/surveys/{slug}",
        rpc=rpc(SurveyServiceServicer.DeleteSurvey),
        callers=_WRITE,
        touchpoint=None,
        status=204,
        text="Deletes a survey without answers. End one that has some.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/surveys/{slug}/results",
        rpc=rpc(SurveyServiceServicer.GetSurveyResults),
        callers=_READ,
        touchpoint=None,
        text="Counts of answers and the score with its margin of error, also by a column and by "
        "day, week or month. No texts.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/surveys/{slug}/texts",
        rpc=rpc(SurveyServiceServicer.ListSurveyTexts),
        callers=staff("feedback.texts.read"),
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Texts that people wrote, the newest first. They may hold personal data.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/survey-rules",
        rpc=rpc(SurveyServiceServicer.GetSurveyRules),
        callers=_READ,
        touchpoint=None,
        text="How often a person may be asked, by all surveys together.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/survey-rules",
        rpc=rpc(SurveyServiceServicer.PutSurveyRules),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        example={"rules": {"days_between": 30, "most_per_year": 4, "answer_days": 30}},
        text="Replaces how often a person may be asked.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/follow-ups",
        rpc=rpc(FollowUpServiceServicer.ListFollowUps),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Follow-up tasks of low scores, the oldest first.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/follow-ups/{id}",
        rpc=rpc(FollowUpServiceServicer.GetFollowUp),
        callers=_READ,
        touchpoint=None,
        text="A follow-up task.",
    ),
    Endpoint(
        method="PATCH",
        path="/v1/staff/follow-ups/{id}",
        rpc=rpc(FollowUpServiceServicer.UpdateFollowUp),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        example={"assignee_id": UUID, "note": "Called back."},
        text="Gives a task to a member of the staff, and replaces its note.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/follow-ups/{id}/close",
        rpc=rpc(FollowUpServiceServicer.CloseFollowUp),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        example={"reason": "Sent a new part."},
        text="Closes a follow-up task with a reason.",
    ),
)
