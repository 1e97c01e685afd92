"""Answers to the questions of the contract, for the service's edge and for its command line."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from google.protobuf.message import Message

from chassis.data.database import Database
from journey.feedback.model import get_recommendation_score
from journey.funnels.queries import MapPeople, get_map_numbers, list_map_people
from journey.funnels.wire import behind_of, numbers_of, question_of_map
from journey.maps.model import JourneyMap, get_map
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
from journey.store.store import TouchpointStore
from journey.store.vocabulary import get_vocabulary
from journey.wire import score
from sojourn.journey.v1 import journey_pb2
from sojourn.journey.v1 import questions_pb2 as pb

DEFAULT_PEOPLE: Final = 100


class Answers:
    """Answers from a store of touchpoints.

    Raises InvalidQuestion, MapNotFound, QuestionTooLarge.
    """

    def __init__(self, database: Database, store: TouchpointStore) -> None:
        self._database, self._store = database, store

    async def trend(self, request: pb.GetTrendRequest) -> pb.Trend:
        chosen, calendar = wire.filter_of(request.filter), wire.calendar_of(request)
        return wire.trend(await get_trend(self._store, chosen, calendar, request.by))

    async def paths(self, request: pb.GetPathsRequest) -> pb.Paths:
        chosen, options = wire.filter_of(request.filter), wire.path_options(request)
        return wire.paths(await get_paths(self._store, chosen, options))

    async def retention(self, request: pb.GetRetentionRequest) -> pb.Retention:
        chosen, calendar = wire.filter_of(request.filter), wire.calendar_of(request)
        begins = wire.rules(request.begins, "begins")
        returns = wire.rules(request.returns, "returns")
        found = await get_retention(self._store, chosen, calendar, begins, returns)
        return wire.retention(found)

    async def attribution(self, request: pb.GetAttributionRequest) -> pb.Attribution:
        chosen, model = wire.filter_of(request.filter), wire.MODELS.decode(request.model)
        lookback = wire.lookback_of(request)
        found = await get_attribution(self._store, chosen, model, request.by, lookback)
        return wire.attribution(found)

    async def funnel(self, request: pb.GetStepFunnelRequest) -> pb.StepFunnel:
        chosen, options = wire.filter_of(request.filter), wire.funnel_options(request)
        return wire.step_funnel(request, await get_step_funnel(self._store, chosen, options))

    async def funnel_people(
        self, request: pb.ListFunnelPeopleRequest
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

    async def map(self, request: pb.GetMapNumbersRequest) -> journey_pb2.Funnel:
        chart, asked = await self._map(request.map), question_of_map(request)
        found = await get_map_numbers(self._store, chart.stages, asked)
        message = numbers_of(chart, found, request.locale)
        if request.with_score:
            chosen = asked.chosen
            channel = chosen.channels[0] if len(chosen.channels) == 1 else ""
            async with self._database.read() as read:
                given = await get_recommendation_score(
                    read, since=chosen.since, until=chosen.until, channel=channel
                )
            message.score.CopyFrom(score(given))
        return message

    async def map_people(self, request: pb.ListMapPeopleRequest) -> pb.ListMapPeopleResponse:
        numbers = request.numbers
        chart, asked = await self._map(numbers.map), question_of_map(numbers)
        question = MapPeople(
            chart.stages,
            asked,
            behind_of(request, chart.stages),
            most=request.limit or DEFAULT_PEOPLE,
        )
        found = await list_map_people(self._store, asked, question)
        return pb.ListMapPeopleResponse(person_ids=found, people=question.count)

    async def _map(self, slug: str) -> JourneyMap:
        async with self._database.read() as read:
            return await get_map(read, slug)

    async def vocabulary(self, request: pb.GetVocabularyRequest) -> pb.Vocabulary:
        since, until = wire.times_of(request.time_range)
        async with self._database.read() as read:
            return wire.vocabulary(await get_vocabulary(read, since, until))


Answer = Callable[[Answers, Any], Awaitable[Message]]
# By the name that a command line has for each, with its request.
QUESTIONS: Final[dict[str, tuple[type[Message], Answer]]] = {
    "trend": (pb.GetTrendRequest, Answers.trend),
    "paths": (pb.GetPathsRequest, Answers.paths),
    "retention": (pb.GetRetentionRequest, Answers.retention),
    "attribution": (pb.GetAttributionRequest, Answers.attribution),
    "funnel": (pb.GetStepFunnelRequest, Answers.funnel),
    "funnel-people": (pb.ListFunnelPeopleRequest, Answers.funnel_people),
    "map": (pb.GetMapNumbersRequest, Answers.map),
    "map-people": (pb.ListMapPeopleRequest, Answers.map_people),
    "vocabulary": (pb.GetVocabularyRequest, Answers.vocabulary),
}
