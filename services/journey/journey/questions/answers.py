"""Answers to the questions of the contract, for the service's edge and for its command line."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Final

from google.protobuf.message import Message

from chassis.data.database import Database
from journey.errors import InvalidQuestion, SegmentNotFound
from journey.feedback.model import get_recommendation_score
from journey.funnels.queries import MapPeople, get_map_numbers, list_map_people
from journey.funnels.wire import behind_of, numbers_of, question_of_map
from journey.maps.model import JourneyMap, get_map
from journey.questions import wire
from journey.questions.filters import Filter
from journey.questions.funnels import FunnelPeople
from journey.questions.queries import (
    get_attribution,
    get_paths,
    get_retention,
    get_step_funnel,
    get_trend,
    list_funnel_people,
)
from journey.segments.queries import get_segment
from journey.store.batch import Batch
from journey.store.store import TouchpointStore, Wanted
from journey.store.vocabulary import get_vocabulary
from journey.wire import score
from sojourn.journey.v1 import journey_pb2
from sojourn.journey.v1 import questions_pb2 as pb

DEFAULT_PEOPLE: Final = 100


class EmptyStore:
    """A store without touchpoints: an answer from it is a check of the question."""

    async def scan(self, wanted: Wanted) -> AsyncGenerator[Batch, None]:
        for batch in list[Batch]():
            yield batch


class Answers:
    """Answers from a store of touchpoints.

    Raises InvalidQuestion, MapNotFound, QuestionTooLarge.
    """

    def __init__(self, database: Database, store: TouchpointStore) -> None:
        self._database, self._store = database, store

    async def trend(self, request: pb.GetTrendRequest) -> pb.Trend:
        chosen, calendar = await self.filter(request.filter), wire.calendar_of(request)
        segments = await self._segments(request.filter, chosen, request.compare_segments)
        found = await get_trend(self._store, chosen, calendar, request.by, segments)
        return wire.trend(request, found)

    async def paths(self, request: pb.GetPathsRequest) -> pb.Paths:
        chosen, options = await self.filter(request.filter), wire.path_options(request)
        return wire.paths(await get_paths(self._store, chosen, options))

    async def retention(self, request: pb.GetRetentionRequest) -> pb.Retention:
        chosen, calendar = await self.filter(request.filter), wire.calendar_of(request)
        begins = wire.rules(request.begins, "begins")
        returns = wire.rules(request.returns, "returns")
        found = await get_retention(self._store, chosen, calendar, begins, returns)
        return wire.retention(found)

    async def attribution(self, request: pb.GetAttributionRequest) -> pb.Attribution:
        chosen, model = await self.filter(request.filter), wire.MODELS.decode(request.model)
        lookback = wire.lookback_of(request)
        found = await get_attribution(self._store, chosen, model, request.by, lookback)
        return wire.attribution(found)

    async def funnel(self, request: pb.GetStepFunnelRequest) -> pb.StepFunnel:
        chosen, options = await self.filter(request.filter), wire.funnel_options(request)
        segments = await self._segments(request.filter, chosen, request.compare_segments)
        found = await get_step_funnel(self._store, chosen, options, segments)
        return wire.step_funnel(request, found)

    async def funnel_people(
        self, request: pb.ListFunnelPeopleRequest
    ) -> pb.ListFunnelPeopleResponse:
        chosen = await self.filter(request.funnel.filter)
        question = FunnelPeople(
            wire.funnel_options(request.funnel),
            request.step,
            left=request.left,
            most=request.limit or DEFAULT_PEOPLE,
        )
        found = await list_funnel_people(self._store, chosen, question)
        return pb.ListFunnelPeopleResponse(person_ids=found, people=question.count)

    async def map(self, request: pb.GetMapNumbersRequest) -> journey_pb2.Funnel:
        chart = await self._map(request.map)
        asked = question_of_map(request, await self.filter(request.filter))
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
        chart = await self._map(numbers.map)
        asked = question_of_map(numbers, await self.filter(numbers.filter))
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

    async def filter(self, message: pb.TouchpointFilter) -> Filter:
        """Returns a filter, within the segment that it names. Raises InvalidQuestion."""
        chosen = wire.filter_of(message)
        if not message.segment:
            return chosen
        found = await self._segment(message, message.segment, "filter.segment")
        return chosen.narrowed(found)

    async def _segments(
        self, message: pb.TouchpointFilter, chosen: Filter, slugs: Sequence[str]
    ) -> list[Filter]:
        """Returns the filter narrowed to each of some segments."""
        return [
            chosen.narrowed(await self._segment(message, slug, f"compare_segments[{number}]"))
            for number, slug in enumerate(slugs)
        ]

    async def _segment(self, message: pb.TouchpointFilter, slug: str, field: str) -> Filter:
        """Returns a segment's filter, in the period that a question's filter and its own share."""
        async with self._database.read() as read:
            try:
                segment = await get_segment(read, slug)
            except SegmentNotFound:
                raise InvalidQuestion(f"no segment {slug}", field=field) from None
        return wire.segment_filter(segment.filter, message, field)


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
