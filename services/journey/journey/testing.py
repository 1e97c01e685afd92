"""A fake of journey for other services' tests.

`tests/integration/test_contract.py`, `test_import_contract.py`, `test_saved_contract.py` and
`test_survey_contract.py` hold it to what the real service does.
"""

from chassis.rpc.errors import Invalid, NotFound, Refused, VersionMismatch
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call
from chassis.runtime.clock import uuid7
from chassis.testing import Calls, FakePeer, Tokens, answers
from sojourn.journey.v1 import (
    events_pb2,
    exports_pb2,
    exports_pb2_grpc,
    imports_pb2,
    imports_pb2_grpc,
    questions_pb2,
    questions_pb2_grpc,
    saved_questions_pb2,
    saved_questions_pb2_grpc,
    surveys_pb2,
    surveys_pb2_grpc,
)
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1 import journey_pb2_grpc as pb_grpc


class InvalidTouchpoint(Invalid): ...


class SavedQuestionNotFound(NotFound): ...


class FakeTouchpoints(FakePeer, pb_grpc.TouchpointServiceServicer):
    """Touchpoints by id, each with an id, and the visitors who were named, in order."""

    service = "journey"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.recorded: dict[str, pb.BeaconTouchpoint] = {}
        self.visitors: list[str] = []

    @answers(public=True)
    async def RecordTouchpoints(
        self, request: pb.RecordTouchpointsRequest, call: Call
    ) -> pb.RecordTouchpointsResponse:
        if call.caller.is_synthetic or request.consent == events_pb2.CONSENT_DENIED:
            return pb.RecordTouchpointsResponse(refused=len(request.touchpoints))
        self.visitors.append(str(parse_id(request.visitor_id, "visitor_id")))
        new = {each.id: each for each in request.touchpoints if each.id not in self.recorded}
        self.recorded.update(new)
        return pb.RecordTouchpointsResponse(stored=len(new))

    @answers(public=True)
    async def WithdrawConsent(
        self, request: pb.WithdrawConsentRequest, call: Call
    ) -> pb.WithdrawConsentResponse:
        self.visitors.append(str(parse_id(request.visitor_id, "visitor_id")))
        return pb.WithdrawConsentResponse()


class FakeImports(FakePeer, imports_pb2_grpc.ImportServiceServicer):
    """Imports whose parts are kept by number, and that never run."""

    service = "journey"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.parts: dict[int, bytes] = {}

    @answers(scope="journeys.write", needs_key=True)
    async def CreateImport(
        self, request: imports_pb2.CreateImportRequest, call: Call
    ) -> imports_pb2.Import:
        return self._import(str(uuid7()), request.options)

    @answers(scope="journeys.write")
    async def AddImportPart(
        self, request: imports_pb2.AddImportPartRequest, call: Call
    ) -> imports_pb2.Import:
        self.parts[request.number] = request.content
        return self._import(request.id)

    @answers(scope="journeys.write")
    async def StartImport(
        self, request: imports_pb2.StartImportRequest, call: Call
    ) -> imports_pb2.Import:
        return self._import(request.id)

    def _import(
        self, id: str, options: imports_pb2.ImportOptions | None = None
    ) -> imports_pb2.Import:
        received = sum(map(len, self.parts.values()))
        message = imports_pb2.Import(id=id, options=options, bytes_received=received)
        message.state = imports_pb2.IMPORT_STATE_RECEIVING
        message.created_at.GetCurrentTime()
        return message


class FakeQuestions(FakePeer, questions_pb2_grpc.QuestionServiceServicer):
    """Trends of nothing: exact ones, and estimates for those in a hurry.

    `is_small` is where all touchpoints are read in any time; `refusal` refuses the exact answer.
    """

    service = "journey"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.is_small = False
        self.refusal: Refused | None = None
        self.within: list[int] = []

    @answers(scope="journeys.read")
    async def GetTrend(
        self, request: questions_pb2.GetTrendRequest, call: Call
    ) -> questions_pb2.Trend:
        self.within.append(request.within_ms)
        if self.is_small:
            return questions_pb2.Trend()
        if request.within_ms:
            return questions_pb2.Trend(estimate=pb.Estimate(read_share=0.25))
        if self.refusal is not None:
            raise self.refusal
        return questions_pb2.Trend()


class FakeSavedQuestions(FakePeer, saved_questions_pb2_grpc.SavedQuestionServiceServicer):
    """Saved questions by slug, which are kept unchecked and answered as a trend of nothing."""

    service = "journey"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.saved: dict[str, saved_questions_pb2.SavedQuestion] = {}

    @answers(scope="journeys.read")
    async def GetSavedQuestion(
        self, request: saved_questions_pb2.GetSavedQuestionRequest, call: Call
    ) -> saved_questions_pb2.SavedQuestion:
        return self._found(request.slug)

    @answers(scope="journeys.read")
    async def ListSavedQuestions(
        self, request: saved_questions_pb2.ListSavedQuestionsRequest, call: Call
    ) -> saved_questions_pb2.ListSavedQuestionsResponse:
        found = [self.saved[slug] for slug in sorted(self.saved)]
        chosen = [each for each in found if request.kind in (0, each.kind)]
        return saved_questions_pb2.ListSavedQuestionsResponse(questions=chosen)

    @answers(scope="journeys.write")
    async def PutSavedQuestion(
        self, request: saved_questions_pb2.PutSavedQuestionRequest, call: Call
    ) -> saved_questions_pb2.SavedQuestion:
        before = self.saved.get(request.slug)
        version = before.version if before else 0
        if request.expected_version not in (0, version):
            raise VersionMismatch(version=version)
        question = saved_questions_pb2.SavedQuestion(
            slug=request.slug, name=request.name, kind=request.kind, request=request.request,
            owner_id=str(call.caller.subject_id), version=version + 1,
        )  # fmt: skip
        question.created_at.GetCurrentTime()
        question.changed_at.GetCurrentTime()
        self.saved[request.slug] = question
        return question

    @answers(scope="journeys.write")
    async def DeleteSavedQuestion(
        self, request: saved_questions_pb2.DeleteSavedQuestionRequest, call: Call
    ) -> saved_questions_pb2.DeleteSavedQuestionResponse:
        found = self._found(request.slug)
        if request.expected_version not in (0, found.version):
            raise VersionMismatch(version=found.version)
        del self.saved[request.slug]
        return saved_questions_pb2.DeleteSavedQuestionResponse()

    @answers(scope="journeys.read")
    async def AnswerSavedQuestion(
        self, request: saved_questions_pb2.AnswerSavedQuestionRequest, call: Call
    ) -> saved_questions_pb2.SavedAnswer:
        found = self._found(request.slug)
        return saved_questions_pb2.SavedAnswer(question=found, trend=questions_pb2.Trend())

    def _found(self, slug: str) -> saved_questions_pb2.SavedQuestion:
        if slug not in self.saved:
            raise SavedQuestionNotFound(slug=slug)
        return self.saved[slug]


class FakeExports(FakePeer, exports_pb2_grpc.ExportServiceServicer):
    """Exports that are done at once, with one part of their own columns."""

    service = "journey"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.exports: dict[str, exports_pb2.TouchpointExport] = {}

    @answers(scope="journeys.export", needs_key=True)
    async def CreateExport(
        self, request: exports_pb2.CreateExportRequest, call: Call
    ) -> exports_pb2.TouchpointExport:
        id = str(uuid7())
        export = exports_pb2.TouchpointExport(
            id=id, state=exports_pb2.EXPORT_STATE_DONE, filter=request.filter,
            columns=request.columns, format=request.format, parts=1,
        )  # fmt: skip
        export.created_at.GetCurrentTime()
        self.exports[id] = export
        return export

    @answers(scope="journeys.export")
    async def GetExport(
        self, request: exports_pb2.GetExportRequest, call: Call
    ) -> exports_pb2.TouchpointExport:
        return self.exports[request.id]

    @answers(scope="journeys.export")
    async def GetExportPart(
        self, request: exports_pb2.GetExportPartRequest, call: Call
    ) -> exports_pb2.ExportPart:
        found = self.exports[request.id]
        content = ",".join(found.columns).encode() + b"\r\n"
        return exports_pb2.ExportPart(content=content, format=found.format)


class SurveyNotDue(Refused): ...


class FakeSurveyAnswers(FakePeer, surveys_pb2_grpc.SurveyAnswerServiceServicer):
    """One survey that every visitor is due for once, and the answers, in order."""

    service = "journey"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.asked: list[str] = []
        self.answered: list[surveys_pb2.AnswerSurveyRequest] = []

    @answers(public=True)
    async def ListDueSurveys(
        self, request: surveys_pb2.ListDueSurveysRequest, call: Call
    ) -> surveys_pb2.ListDueSurveysResponse:
        if request.visitor_id in self.asked:
            return surveys_pb2.ListDueSurveysResponse()
        return surveys_pb2.ListDueSurveysResponse(surveys=[self._survey("")])

    @answers(public=True)
    async def AskSurvey(
        self, request: surveys_pb2.AskSurveyRequest, call: Call
    ) -> surveys_pb2.AskedSurvey:
        if request.visitor_id in self.asked:
            raise SurveyNotDue
        self.asked.append(request.visitor_id)
        return self._survey("a-token")

    @answers(public=True)
    async def AnswerSurvey(
        self, request: surveys_pb2.AnswerSurveyRequest, call: Call
    ) -> surveys_pb2.AnswerSurveyResponse:
        self.answered.append(request)
        return surveys_pb2.AnswerSurveyResponse(
            slug="after-delivery", is_replaced=len(self.answered) > 1
        )

    def _survey(self, token: str) -> surveys_pb2.AskedSurvey:
        return surveys_pb2.AskedSurvey(
            slug="after-delivery",
            type=surveys_pb2.SURVEY_TYPE_NPS,
            locale="en",
            highest_score=10,
            token=token,
        )
