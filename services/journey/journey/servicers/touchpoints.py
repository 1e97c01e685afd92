"""The public edge: front ends' touchpoints, withdrawals, answers of surveys."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis import telemetry
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc.auth import Caller, TokenVerifier
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, write
from journey import metrics
from journey import wire as messages
from journey.consents.withdraw import withdraw_consent
from journey.errors import InvalidSurveyToken, VisitorIdTaken
from journey.feedback.actions import record_feedback
from journey.feedback.model import score_group
from journey.feedback.survey_tokens import SurveyTokens
from journey.people.model import find_merged_guests, is_subject
from journey.settings import Settings
from journey.touchpoints.model import Source
from journey.touchpoints.record import Seen, record_touchpoints
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1 import journey_pb2_grpc as pb_grpc

MOST_TOUCHPOINTS: Final = 100


class TouchpointServicer(Servicer, pb_grpc.TouchpointServiceServicer):
    """Touchpoints and feedback of anybody, about themselves."""

    def __init__(self, database: Database, verifier: TokenVerifier, settings: Settings) -> None:
        super().__init__(database, verifier)
        self._settings = settings
        self._tokens = SurveyTokens(settings.survey_secret.get_secret_value())

    @write(public=True)
    async def RecordTouchpoints(
        self, request: pb.RecordTouchpointsRequest, call: Call
    ) -> pb.RecordTouchpointsResponse:
        if call.caller.is_synthetic:
            # They are on no journey, and their visitor answers for nobody's consent.
            return pb.RecordTouchpointsResponse(refused=len(request.touchpoints))
        trace_id, now = telemetry.trace_id(), self.database.clock.now()
        seen, rejected = messages.seen_of_beacon(
            request, call.caller, now, self._settings.default_channel, trace_id
        )
        # The touchpoints' ids make a repeat harmless: no reply needs to be stored.
        async with call.tx(stores_reply=False) as tx:
            await require_own(tx, parse_id(request.visitor_id, "visitor_id"), call.caller)
            recorded = await record_touchpoints(
                tx,
                await _without_merged_guest(tx, seen, call.caller),
                self._settings.is_granted_by_default,
            )
        metrics.count(Source.BEACON, recorded)
        return pb.RecordTouchpointsResponse(
            stored=len(recorded.stored), refused=len(recorded.refused), rejected=rejected
        )

    @write(public=True)
    async def WithdrawConsent(
        self, request: pb.WithdrawConsentRequest, call: Call
    ) -> pb.WithdrawConsentResponse:
        visitor_id = parse_id(request.visitor_id, "visitor_id")
        async with call.tx(stores_reply=False) as tx:
            await require_own(tx, visitor_id, call.caller)
            await withdraw_consent(tx, visitor_id)
        metrics.withdrawals.labels("visitor").inc()
        return pb.WithdrawConsentResponse()

    @write(public=True)
    async def RecordFeedback(
        self, request: pb.RecordFeedbackRequest, call: Call
    ) -> pb.RecordFeedbackResponse:
        survey = self._tokens.survey_of(request.token)
        if survey is None:
            raise InvalidSurveyToken
        async with call.tx(stores_reply=False) as tx:
            is_replaced, recorded = await record_feedback(
                tx,
                survey,
                request.score,
                request.comment,
                is_granted_by_default=self._settings.is_granted_by_default,
                trace_id=messages.trace_of(telemetry.trace_id()),
            )
        if not is_replaced:
            metrics.feedback.labels(score_group(request.score)).inc()
        metrics.count(Source.EVENT, recorded)
        return pb.RecordFeedbackResponse(
            order_id=str(survey.order_id), score=request.score, is_replaced=is_replaced
        )


async def require_own(read: Read, visitor_id: UUID, caller: Caller) -> None:
    """Raises VisitorIdTaken if the id is another guest's or customer's; an id is no secret.

    A guest who became a customer is no longer their own: what they did is the customer's.
    """
    if caller.kind in ("guest", "customer") and caller.subject_id == visitor_id:
        if caller.kind == "customer" or not await find_merged_guests(read, [visitor_id]):
            return
        raise VisitorIdTaken
    if await is_subject(read, visitor_id):
        raise VisitorIdTaken


async def _without_merged_guest(read: Read, seen: Sequence[Seen], caller: Caller) -> Sequence[Seen]:
    """Returns the touchpoints, without a guest who became a customer.

    The guest's old token does not speak for the customer.
    """
    if (
        caller.kind != "guest"
        or caller.subject_id is None
        or not await find_merged_guests(read, [caller.subject_id])
    ):
        return seen
    return [each._replace(touchpoint=each.touchpoint._replace(guest_id=None)) for each in seen]
