"""The public edge: front ends' touchpoints, withdrawals, answers of surveys."""

from typing import Final

from chassis import telemetry
from chassis.auth import TokenVerifier
from chassis.db import Database
from chassis.rpc import Call, Servicer, write
from journey import feedback, messages, metrics, surveying, withdrawing
from journey.errors import InvalidSurveyToken, InvalidTouchpoint, TooManyTouchpoints
from journey.recording import record
from journey.settings import Settings
from journey.survey_tokens import SurveyTokens
from journey.touchpoints import Source
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1 import journey_pb2_grpc as pb_grpc

MOST_TOUCHPOINTS: Final = 100


class TouchpointServicer(Servicer, pb_grpc.TouchpointServiceServicer):
    """What anybody may tell about themselves."""

    def __init__(self, database: Database, verifier: TokenVerifier, settings: Settings) -> None:
        super().__init__(database, verifier)
        self._settings = settings
        self._tokens = SurveyTokens(settings.survey_secret.get_secret_value())

    @write(public=True)
    async def RecordTouchpoints(self, request: pb.RecordTouchpointsRequest, call: Call) -> pb.RecordTouchpointsResponse:
        if not request.touchpoints:
            raise InvalidTouchpoint("at least one", field="touchpoints")
        if len(request.touchpoints) > MOST_TOUCHPOINTS:
            raise TooManyTouchpoints(most=MOST_TOUCHPOINTS)
        trace_id, now = telemetry.trace_id(), self.database.clock.now()
        seen = messages.seen_of_beacon(request, call.caller, now, self._settings.default_channel, trace_id)
        # The touchpoints' ids make a repeat harmless: no reply needs to be stored.
        async with call.tx(stores_reply=False) as tx:
            recorded = await record(tx, seen, self._settings.is_granted_by_default)
        metrics.count(Source.BEACON, recorded)
        return pb.RecordTouchpointsResponse(stored=len(recorded.stored), refused=len(recorded.refused))

    @write(public=True)
    async def WithdrawConsent(self, request: pb.WithdrawConsentRequest, call: Call) -> pb.WithdrawConsentResponse:
        visitor_id = messages.id_of(request.visitor_id, "visitor_id")
        async with call.tx(stores_reply=False) as tx:
            await withdrawing.withdraw_visitor(tx, visitor_id)
        metrics.withdrawals.labels("visitor").inc()
        return pb.WithdrawConsentResponse()

    @write(public=True)
    async def RecordFeedback(self, request: pb.RecordFeedbackRequest, call: Call) -> pb.RecordFeedbackResponse:
        survey = self._tokens.survey_of(request.token)
        if survey is None:
            raise InvalidSurveyToken
        async with call.tx(stores_reply=False) as tx:
            is_replaced, recorded = await surveying.answer(
                tx, survey, request.score, request.comment,
                is_granted_by_default=self._settings.is_granted_by_default, trace_id=messages.trace_of(telemetry.trace_id()),
            )  # fmt: skip
        if not is_replaced:
            metrics.feedback.labels(feedback.group_of(request.score)).inc()
        metrics.count(Source.EVENT, recorded)
        return pb.RecordFeedbackResponse(order_id=str(survey.order_id), score=request.score, is_replaced=is_replaced)
