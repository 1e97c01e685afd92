"""Touchpoints of front ends, and answers to surveys."""

from typing import Final

from gateway.composed.touchpoints import (
    BeaconBody,
    beacon_answer,
    prepare_beacon,
    prepare_withdrawal,
)
from gateway.contracts.examples import UUID
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.journey.v1.journey_pb2_grpc import TouchpointServiceServicer

_VISITOR: Final = frozenset({"visitor_id", "session_id", "consent"})
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/touchpoints",
        rpc=rpc(TouchpointServiceServicer.RecordTouchpoints),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        body_model=BeaconBody,
        hidden=_VISITOR,
        prepare=prepare_beacon,
        compose=beacon_answer,
        status=202,
        key=KeyRule.NONE,
        most_bytes=256 * KIB,
        example={"touchpoints": [{"id": UUID, "kind": "video.play", "subject": "trail-film"}]},
        text="Stores touchpoints of a front end, up to 50 at once; each id counts once.\n\nNothing "
        "is stored without consent: `Sojourn-Consent` is a list of analytics, marketing and "
        "personalization, or all, or none. A touchpoint that makes no sense is in `rejected`, and "
        "the others are stored; 422 if none makes sense.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/touchpoints",
        rpc=rpc(TouchpointServiceServicer.WithdrawConsent),
        callers=PUBLIC,
        touchpoint=None,
        hidden=_VISITOR,
        prepare=prepare_withdrawal,
        status=204,
        key=KeyRule.NONE,
        text="Withdraws the visitor's consent: what was stored of them is deleted, and nothing "
        "more is stored.",
    ),
    Endpoint(
        method="POST",
        path="/v1/feedback",
        rpc=rpc(TouchpointServiceServicer.RecordFeedback),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.NONE,
        most_bytes=16 * KIB,
        text="Answers the question of a survey link. A second answer replaces the first.",
    ),
)
