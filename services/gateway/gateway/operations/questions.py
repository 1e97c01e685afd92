"""Questions of analysts about touchpoints.

They change nothing: a POST only has room for them.
"""

from typing import Any, Final

from gateway.contracts.rpc import Rpc, rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from gateway.operations.journeys import READ_SECONDS
from sojourn.journey.v1.questions_pb2_grpc import QuestionServiceServicer

_READ: Final = staff("journeys.read")


def _question(path: str, method: Rpc[Any, Any], text: str) -> Endpoint[Any, Any]:
    return Endpoint(
        method="POST",
        path=f"/v1/staff/questions/{path}",
        rpc=method,
        callers=_READ,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.NONE,
        errors=frozenset({"INVALID_QUESTION", "QUESTION_TOO_LARGE"}),
        deadline_seconds=READ_SECONDS,
        text=text,
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
)
