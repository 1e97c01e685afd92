"""Edge of QuestionService: staff ask, the store of touchpoints answers."""

from typing import Final

from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read
from journey.questions import wire
from journey.questions.funnels import FunnelPeople
from journey.questions.queries import (
    get_attribution,
    get_paths,
    get_retention,
    get_step_funnel,
    get_trend,
    list_funnel_people,
)
from journey.questions.vocabulary import get_vocabulary
from journey.store.store import TouchpointStore
from journey.wire import time_or_none
from sojourn.journey.v1 import questions_pb2 as pb
from sojourn.journey.v1 import questions_pb2_grpc as pb_grpc

_READ: Final = "journeys.read"
DEFAULT_PEOPLE: Final = 100


class QuestionServicer(Servicer, pb_grpc.QuestionServiceServicer):
    """Questions about all touchpoints."""

    def __init__(self, database: Database, verifier: TokenVerifier, store: TouchpointStore) -> None:
        super().__init__(database, verifier)
        self._store = store

    @read(scope=_READ)
    async def GetTrend(self, request: pb.GetTrendRequest, call: Call) -> pb.Trend:
        chosen, calendar = wire.filter_of(request.filter), wire.calendar_of(request)
        return wire.trend(await get_trend(self._store, chosen, calendar, request.by))

    @read(scope=_READ)
    async def GetPaths(self, request: pb.GetPathsRequest, call: Call) -> pb.Paths:
        chosen, options = wire.filter_of(request.filter), wire.path_options(request)
        return wire.paths(await get_paths(self._store, chosen, options))

    @read(scope=_READ)
    async def GetRetention(self, request: pb.GetRetentionRequest, call: Call) -> pb.Retention:
        chosen, calendar = wire.filter_of(request.filter), wire.calendar_of(request)
        begins = wire.rules(request.begins, "begins")
        returns = wire.rules(request.returns, "returns")
        found = await get_retention(self._store, chosen, calendar, begins, returns)
        return wire.retention(found)

    @read(scope=_READ)
    async def GetAttribution(self, request: pb.GetAttributionRequest, call: Call) -> pb.Attribution:
        chosen, model = wire.filter_of(request.filter), wire.MODELS.decode(request.model)
        lookback = wire.lookback_of(request)
        found = await get_attribution(self._store, chosen, model, request.by, lookback)
        return wire.attribution(found)

    @read(scope=_READ)
    async def GetStepFunnel(self, request: pb.GetStepFunnelRequest, call: Call) -> pb.StepFunnel:
        chosen, options = wire.filter_of(request.filter), wire.funnel_options(request)
        return wire.step_funnel(request, await get_step_funnel(self._store, chosen, options))

    @read(scope=_READ)
    async def ListFunnelPeople(
        self, request: pb.ListFunnelPeopleRequest, call: Call
    ) -> pb.ListFunnelPeopleResponse:
        chosen = wire.filter_of(request.funnel.filter)
        question = FunnelPeople(
            wire.funnel_options(request.funnel),
            request.step,
            left=request.left,
            most=request.limit or DEFAULT_PEOPLE,
        )
        found = await list_funnel_people(self._store, chosen, question)
        return pb.ListFunnelPeopleResponse(person_ids=found, people=question.count)

    @read(scope=_READ)
    async def GetVocabulary(self, request: pb.GetVocabularyRequest, call: Call) -> pb.Vocabulary:
        since = time_or_none(request.time_range, "since")
        until = time_or_none(request.time_range, "until")
        async with call.read() as read:
            return wire.vocabulary(await get_vocabulary(read, since, until))
