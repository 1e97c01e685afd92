"""Edge of QuestionService: staff ask, the store of touchpoints answers."""

from typing import Final

from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read
from journey.map_sharing.model import MapRole
from journey.map_sharing.queries import require_role
from journey.questions.answers import Answers
from journey.store.store import TouchpointStore
from sojourn.journey.v1 import journey_pb2
from sojourn.journey.v1 import questions_pb2 as pb
from sojourn.journey.v1 import questions_pb2_grpc as pb_grpc

_READ: Final = "journeys.read"


class QuestionServicer(Servicer, pb_grpc.QuestionServiceServicer):
    """Questions about all touchpoints."""

    def __init__(self, database: Database, verifier: TokenVerifier, store: TouchpointStore) -> None:
        super().__init__(database, verifier)
        self._answers = Answers(database, store)

    @read(scope=_READ)
    async def GetTrend(self, request: pb.GetTrendRequest, call: Call) -> pb.Trend:
        return await self._answers.trend(request)

    @read(scope=_READ)
    async def GetPaths(self, request: pb.GetPathsRequest, call: Call) -> pb.Paths:
        return await self._answers.paths(request)

    @read(scope=_READ)
    async def GetRetention(self, request: pb.GetRetentionRequest, call: Call) -> pb.Retention:
        return await self._answers.retention(request)

    @read(scope=_READ)
    async def GetAttribution(self, request: pb.GetAttributionRequest, call: Call) -> pb.Attribution:
        return await self._answers.attribution(request)

    @read(scope=_READ)
    async def GetStepFunnel(self, request: pb.GetStepFunnelRequest, call: Call) -> pb.StepFunnel:
        return await self._answers.funnel(request)

    @read(scope=_READ)
    async def ListFunnelPeople(
        self, request: pb.ListFunnelPeopleRequest, call: Call
    ) -> pb.ListFunnelPeopleResponse:
        return await self._answers.funnel_people(request)

    @read(scope=_READ)
    async def GetStepTimes(self, request: pb.GetStepTimesRequest, call: Call) -> pb.StepTimes:
        return await self._answers.step_times(request)

    @read(scope=_READ)
    async def GetAnomalies(self, request: pb.GetAnomaliesRequest, call: Call) -> pb.Anomalies:
        return await self._answers.anomalies(request)

    @read(scope=_READ)
    async def GetPains(self, request: pb.GetPainsRequest, call: Call) -> pb.Pains:
        return await self._answers.pains(request)

    @read(scope=_READ)
    async def GetProductPerformance(
        self, request: pb.GetProductPerformanceRequest, call: Call
    ) -> pb.ProductPerformance:
        return await self._answers.products(request)

    @read(scope=_READ)
    async def GetSearchTerms(self, request: pb.GetSearchTermsRequest, call: Call) -> pb.SearchTerms:
        return await self._answers.searches(request)

    @read(scope=_READ)
    async def GetMapNumbers(
        self, request: pb.GetMapNumbersRequest, call: Call
    ) -> journey_pb2.Funnel:
        await require_map(call, request.map)
        return await self._answers.map(request)

    @read(scope=_READ)
    async def ListMapPeople(
        self, request: pb.ListMapPeopleRequest, call: Call
    ) -> pb.ListMapPeopleResponse:
        await require_map(call, request.numbers.map)
        return await self._answers.map_people(request)

    @read(scope=_READ)
    async def GetLifetimeValue(
        self, request: pb.GetLifetimeValueRequest, call: Call
    ) -> pb.LifetimeValue:
        return await self._answers.lifetime_value(request)

    @read(scope=_READ)
    async def GetConformance(self, request: pb.GetConformanceRequest, call: Call) -> pb.Conformance:
        await require_map(call, request.map)
        return await self._answers.conformance(request)

    @read(scope=_READ)
    async def GetSaysDoes(self, request: pb.GetSaysDoesRequest, call: Call) -> pb.SaysDoes:
        await require_map(call, request.map)
        return await self._answers.says_does(request)

    @read(scope=_READ)
    async def GetVocabulary(self, request: pb.GetVocabularyRequest, call: Call) -> pb.Vocabulary:
        return await self._answers.vocabulary(request)


async def require_map(call: Call, slug: str) -> None:
    """Raises MapNotFound for a map that the caller may not see."""
    async with call.read() as read:
        await require_role(read, slug, call.caller, MapRole.VIEW)
