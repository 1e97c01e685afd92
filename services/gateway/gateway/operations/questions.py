"""Questions of analysts about touchpoints, and those that they keep.

Questions change nothing: a POST only has room for them. One that can be estimated is answered in
two steps to a client that accepts `text/event-stream`.
"""

from typing import Any, Final

from gateway.composed.refined_answers import can_be_refined, refining
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import Rpc, rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from gateway.operations.journeys import READ_SECONDS
from sojourn.journey.v1.questions_pb2_grpc import QuestionServiceServicer
from sojourn.journey.v1.saved_questions_pb2_grpc import SavedQuestionServiceServicer

_READ: Final = staff("journeys.read")
_WRITE: Final = staff("journeys.write")
_PAGED: Final = Parameters(defaults={"page_size": 50})
_REFUSALS: Final = frozenset({"INVALID_QUESTION", "QUESTION_TOO_LARGE"})


def _question(path: str, method: Rpc[Any, Any], text: str) -> Endpoint[Any, Any]:
    return Endpoint(
        method="POST",
        path=f"/v1/staff/questions/{path}",
        rpc=method,
        callers=_READ,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.NONE,
        errors=_REFUSALS,
        deadline_seconds=READ_SECONDS,
        text=text,
        **(refining(method) if can_be_refined(method) else {}),
    )


ENDPOINTS: Final = (
    _question(
        "trend",
        rpc(QuestionServiceServicer.GetTrend),
        "Touchpoints, people, sessions, orders and revenue in each hour, day, week or month.",
    ),
    _question(
        "paths",
        rpc(QuestionServiceServicer.GetPaths),
        "What people do one after the other, where they enter, and where they end.",
    ),
    _question(
        "retention",
        rpc(QuestionServiceServicer.GetRetention),
        "Of the people who began in one interval, how many came back in each later one.",
    ),
    _question(
        "attribution",
        rpc(QuestionServiceServicer.GetAttribution),
        "Which touches brought orders, and how much of their money; the credits sum up to the "
        "orders' money net of refunds, to the cent.",
    ),
    _question(
        "funnel",
        rpc(QuestionServiceServicer.GetStepFunnel),
        "How many people, sessions or purchases reach each of some steps, without a map.",
    ),
    _question(
        "funnel/people",
        rpc(QuestionServiceServicer.ListFunnelPeople),
        "The people behind a step of a funnel: who reached it, or who left before it.",
    ),
    _question(
        "step-times",
        rpc(QuestionServiceServicer.GetStepTimes),
        "How long people, sessions or purchases take from step to step of a funnel: quartiles and "
        "the ninth decile.",
    ),
    _question(
        "anomalies",
        rpc(QuestionServiceServicer.GetAnomalies),
        "Counts of hours or days that are far from those of the weeks before.",
    ),
    _question(
        "pains",
        rpc(QuestionServiceServicer.GetPains),
        "What fails, how many people meet it, and the money that may be lost by it.",
    ),
    _question(
        "products",
        rpc(QuestionServiceServicer.GetProductPerformance),
        "Views, addings, orders and revenue of each product.",
    ),
    _question(
        "searches",
        rpc(QuestionServiceServicer.GetSearchTerms),
        "How often each term is searched, finds nothing, is clicked, and ends in an order.",
    ),
    _question(
        "map",
        rpc(QuestionServiceServicer.GetMapNumbers),
        "The numbers of a map: people by stage in order, how each kind of touchpoint did, and the "
        "money of each stage.",
    ),
    _question(
        "map/people",
        rpc(QuestionServiceServicer.ListMapPeople),
        "The people behind a number of a map: who reached a stage, who left before it, or who did "
        "something in it.",
    ),
    _question(
        "lifetime-value",
        rpc(QuestionServiceServicer.GetLifetimeValue),
        "What the people who began in each interval have brought since: money net of refunds and, "
        "where costs are known, margin.",
    ),
    _question(
        "conformance",
        rpc(QuestionServiceServicer.GetConformance),
        "The stages of a map in order against the paths that people take: what they skip, repeat "
        "and do out of order, and how well the most frequent paths fit.",
    ),
    _question(
        "says-does",
        rpc(QuestionServiceServicer.GetSaysDoes),
        "What people say against what they do: scores of feedback and who goes on, by stage.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/questions/vocabulary",
        rpc=rpc(QuestionServiceServicer.GetVocabulary),
        callers=_READ,
        touchpoint=None,
        deadline_seconds=READ_SECONDS,
        text="What can be asked for: kinds, channels, devices, campaigns, properties, and how "
        "often each was seen.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/saved-questions",
        rpc=rpc(SavedQuestionServiceServicer.ListSavedQuestions),
        callers=_READ,
        touchpoint=None,
        query=_PAGED,
        text="Saved questions by slug, also those of one kind or of one owner.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/saved-questions/{slug}",
        rpc=rpc(SavedQuestionServiceServicer.GetSavedQuestion),
        callers=_READ,
        touchpoint=None,
        text="A saved question: its kind, and the parameters that it was saved with.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/saved-questions/{slug}",
        rpc=rpc(SavedQuestionServiceServicer.PutSavedQuestion),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        errors=frozenset({"INVALID_QUESTION"}),
        example={
            "name": "Visits by channel and week",
            "kind": "trend",
            "request": {"interval": "week", "by": "channel"},
        },
        text="Creates or replaces a saved question. `request` is the body that the endpoint of "
        "this question takes, and is checked as that would be. Who created it stays its owner.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/saved-questions/{slug}",
        rpc=rpc(SavedQuestionServiceServicer.DeleteSavedQuestion),
        callers=_WRITE,
        touchpoint=None,
        status=204,
        text="Deletes a saved question.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/saved-questions/{slug}/answer",
        rpc=rpc(SavedQuestionServiceServicer.AnswerSavedQuestion),
        callers=_READ,
        touchpoint=None,
        key=KeyRule.NONE,
        errors=_REFUSALS,
        deadline_seconds=READ_SECONDS,
        text="Asks a saved question now. The answer stands under the name of its kind.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/segments",
        rpc=rpc(SavedQuestionServiceServicer.ListSegments),
        callers=_READ,
        touchpoint=None,
        query=_PAGED,
        text="Segments by slug.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/segments/{slug}",
        rpc=rpc(SavedQuestionServiceServicer.GetSegment),
        callers=_READ,
        touchpoint=None,
        text="A segment: a named filter.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/segments/{slug}",
        rpc=rpc(SavedQuestionServiceServicer.PutSegment),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        errors=frozenset({"INVALID_QUESTION"}),
        example={"name": "Those who come by the app", "filter": {"channels": ["app"]}},
        text="Creates or replaces a segment. Questions that name it are answered by its new filter "
        "from then on.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/segments/{slug}",
        rpc=rpc(SavedQuestionServiceServicer.DeleteSegment),
        callers=_WRITE,
        touchpoint=None,
        status=204,
        errors=frozenset({"SEGMENT_IS_NAMED"}),
        text="Deletes a segment that no saved question names.",
    ),
)
