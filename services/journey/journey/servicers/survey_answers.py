"""Edge of SurveyAnswerService: surveys as customers see them."""

from chassis import telemetry
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc.auth import Caller, TokenVerifier
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from journey import metrics
from journey import wire as messages
from journey.errors import SurveyNotDue
from journey.people.model import find_merged_guests
from journey.servicers.touchpoints import require_own
from journey.settings import Settings
from journey.surveys import wire
from journey.surveys.answering import Answers, answer_survey, decline_survey, open_survey
from journey.surveys.asking import Respondent, ask_survey, list_due_surveys
from journey.surveys.tokens import InvitationTokens
from journey.touchpoints.model import Source
from sojourn.journey.v1 import surveys_pb2 as pb
from sojourn.journey.v1 import surveys_pb2_grpc as pb_grpc


class SurveyAnswerServicer(Servicer, pb_grpc.SurveyAnswerServiceServicer):
    """Surveys of anybody, about themselves."""

    def __init__(self, database: Database, verifier: TokenVerifier, settings: Settings) -> None:
        super().__init__(database, verifier)
        self._settings = settings
        self._tokens = InvitationTokens(settings.survey_secret.get_secret_value())

    @read(public=True)
    async def ListDueSurveys(
        self, request: pb.ListDueSurveysRequest, call: Call
    ) -> pb.ListDueSurveysResponse:
        if call.caller.is_synthetic:
            return pb.ListDueSurveysResponse()
        async with call.read() as read:
            respondent = await _respondent(read, request.visitor_id, call.caller)
            due = await list_due_surveys(read, respondent)
        return pb.ListDueSurveysResponse(
            surveys=[wire.asked_survey(one.survey, request.locale) for one in due]
        )

    @write(public=True)
    async def AskSurvey(self, request: pb.AskSurveyRequest, call: Call) -> pb.AskedSurvey:
        if call.caller.is_synthetic:
            raise SurveyNotDue
        # The reply holds a secret, which is not stored: who asks again has had their turn.
        async with call.tx(stores_reply=False) as tx:
            respondent = await _respondent(tx, request.visitor_id, call.caller)
            survey, invitation = await ask_survey(
                tx, request.slug, respondent, locale=request.locale
            )
            token = self._tokens.token_of(invitation.id)
            return wire.asked_survey(survey, request.locale, invitation, token)

    @read(public=True)
    async def OpenSurvey(self, request: pb.OpenSurveyRequest, call: Call) -> pb.AskedSurvey:
        async with call.read() as read:
            survey, invitation = await open_survey(read, self._tokens.invitation_of(request.token))
        locale = request.locale or invitation.locale
        return wire.asked_survey(survey, locale, invitation, request.token)

    @write(public=True)
    async def AnswerSurvey(
        self, request: pb.AnswerSurveyRequest, call: Call
    ) -> pb.AnswerSurveyResponse:
        answers = Answers(
            request.score if request.HasField("score") else None,
            wire.values_of(request.answers),
            request.locale,
        )
        # A repeat replaces the answer: no reply needs to be stored.
        async with call.tx(stores_reply=False) as tx:
            answer, is_replaced, recorded = await answer_survey(
                tx,
                self._tokens.invitation_of(request.token),
                answers,
                is_granted_by_default=self._settings.is_granted_by_default,
                trace_id=messages.trace_of(telemetry.trace_id()),
            )
        metrics.count(Source.EVENT, recorded)
        metrics.survey_answers.labels("replaced" if is_replaced else "given").inc()
        return pb.AnswerSurveyResponse(slug=answer.survey_slug, is_replaced=is_replaced)

    @write(public=True)
    async def DeclineSurvey(
        self, request: pb.DeclineSurveyRequest, call: Call
    ) -> pb.DeclineSurveyResponse:
        async with call.tx(stores_reply=False) as tx:
            await decline_survey(tx, self._tokens.invitation_of(request.token))
        return pb.DeclineSurveyResponse()


async def _respondent(read: Read, visitor_id: str, caller: Caller) -> Respondent:
    """Returns the ids of a caller. Raises VisitorIdTaken."""
    id = parse_id(visitor_id, "visitor_id")
    await require_own(read, id, caller)
    if caller.kind == "customer":
        return Respondent(id, customer_id=caller.subject_id)
    if caller.kind != "guest" or caller.subject_id is None:
        return Respondent(id)
    # The old token of a guest who became a customer does not speak for the customer.
    is_merged = await find_merged_guests(read, [caller.subject_id])
    return Respondent(id, guest_id=None if is_merged else caller.subject_id)
