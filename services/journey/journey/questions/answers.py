"""Answers to the questions of the contract, for the service's edge and for its command line."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from google.protobuf.message import Message

from chassis.data.database import Database
from journey.errors import InvalidQuestion, SegmentNotFound
from journey.estimates.sample import SamplingStore
from journey.estimates.scale import estimate
from journey.feedback.model import get_recommendation_score
from journey.funnels.queries import MapPeople, get_map_numbers, list_map_people
from journey.funnels.wire import behind_of, numbers_of, question_of_map
from journey.maps.model import JourneyMap, get_map
from journey.questions import wire
from journey.questions.analyses import wire as analyses
from journey.questions.analyses.queries import (
    get_anomalies,
    get_conformance,
    get_lifetime_value,
    get_pains,
    get_product_performance,
    get_says_does,
    get_search_terms,
    get_step_times,
)
from journey.questions.filters import Filter
from journey.questions.fold import ask
from journey.questions.funnels import FunnelPeople
from journey.questions.paths import Scope
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
from journey.store.vocabulary import VocabularyFold, get_property_words
from journey.wire import score
from sojourn.journey.v1 import journey_pb2
from sojourn.journey.v1 import questions_pb2 as pb

DEFAULT_PEOPLE: Final = 100
_VOCABULARY_SECONDS: Final = 2


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
        store = self._in_time(request.within_ms)
        found = await get_trend(store, chosen, calendar, request.by, segments)
        return estimate(wire.trend(request, found), store)

    async def paths(self, request: pb.GetPathsRequest) -> pb.Paths:
        chosen, options = await self.filter(request.filter), wire.path_options(request)
        store = self._in_time(request.within_ms)
        found = wire.paths(await get_paths(store, chosen, options))
        is_once = options.scope is Scope.PERSON
        once = frozenset({"paths", "bounces", "ends"}) if is_once else frozenset[str]()
        return estimate(found, store, counts_once=once)

    async def retention(self, request: pb.GetRetentionRequest) -> pb.Retention:
        chosen, calendar = await self.filter(request.filter), wire.calendar_of(request)
        begins = wire.rules(request.begins, "begins")
        returns = wire.rules(request.returns, "returns")
        store = self._in_time(request.within_ms)
        found = await get_retention(store, chosen, calendar, begins, returns)
        return estimate(wire.retention(found), store)

    async def attribution(self, request: pb.GetAttributionRequest) -> pb.Attribution:
        chosen, model = await self.filter(request.filter), wire.MODELS.decode(request.model)
        lookback, store = wire.lookback_of(request), self._in_time(request.within_ms)
        found = await get_attribution(store, chosen, model, request.by, lookback)
        return estimate(wire.attribution(found), store)

    async def funnel(self, request: pb.GetStepFunnelRequest) -> pb.StepFunnel:
        chosen, options = await self.filter(request.filter), wire.funnel_options(request)
        segments = await self._segments(request.filter, chosen, request.compare_segments)
        store = self._in_time(request.within_ms)
        found = await get_step_funnel(store, chosen, options, segments)
        is_once = options.scope is Scope.PERSON and not options.same
        once = frozenset({"reached"}) if is_once else frozenset[str]()
        return estimate(wire.step_funnel(request, found), store, counts_once=once)

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

    async def step_times(self, request: pb.GetStepTimesRequest) -> pb.StepTimes:
        options, asked = analyses.timed_funnel(request), request.funnel.filter
        chosen = await self.filter(asked, "funnel.filter")
        return analyses.step_times(request, await get_step_times(self._store, chosen, options))

    async def anomalies(self, request: pb.GetAnomaliesRequest) -> pb.Anomalies:
        chosen, calendar = await self.filter(request.filter), analyses.anomaly_calendar(request)
        found = await get_anomalies(
            self._store,
            chosen,
            calendar,
            request.by or "kind",
            threshold=analyses.threshold_of(request),
            now=self._database.clock.now(),
        )
        return analyses.anomalies(found)

    async def pains(self, request: pb.GetPainsRequest) -> pb.Pains:
        chosen, now = await self.filter(request.filter), self._database.clock.now()
        window = analyses.window_of(request)
        return analyses.pains(await get_pains(self._store, chosen, window, now))

    async def products(self, request: pb.GetProductPerformanceRequest) -> pb.ProductPerformance:
        chosen, columns = await self.filter(request.filter), analyses.product_columns(request)
        found = await get_product_performance(self._store, chosen, columns)
        return analyses.product_performance(found)

    async def searches(self, request: pb.GetSearchTermsRequest) -> pb.SearchTerms:
        chosen, click_kind = await self.filter(request.filter), analyses.click_kind_of(request)
        return analyses.search_terms(await get_search_terms(self._store, chosen, click_kind))

    async def map(self, request: pb.GetMapNumbersRequest) -> journey_pb2.Funnel:
        return await self.numbers_of_map(request, await self._map(request.map))

    async def numbers_of_map(
        self, request: pb.GetMapNumbersRequest, chart: JourneyMap
    ) -> journey_pb2.Funnel:
        """Returns the numbers of a map or of a version of it, whatever map the request names."""
        asked = question_of_map(request, await self.filter(request.filter))
        store = self._in_time(request.within_ms)
        found = await get_map_numbers(store, chart.stages, asked)
        message = numbers_of(chart, found, request.locale)
        estimate(message, store, counts_once=frozenset({"drop_off"}))
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

    async def conformance(self, request: pb.GetConformanceRequest) -> pb.Conformance:
        chart, chosen = await self._map(request.map), await self.filter(request.filter)
        slugs, found = await get_conformance(self._store, chosen, chart)
        return analyses.conformance(request, chart, slugs, found)

    async def says_does(self, request: pb.GetSaysDoesRequest) -> pb.SaysDoes:
        chart, chosen = await self._map(request.map), await self.filter(request.filter)
        return analyses.says_does(await get_says_does(self._store, chosen, chart))

    async def lifetime_value(self, request: pb.GetLifetimeValueRequest) -> pb.LifetimeValue:
        chosen, calendar = await self.filter(request.filter), analyses.value_calendar(request)
        begins = wire.rules(request.begins, "begins")
        found = await get_lifetime_value(self._store, chosen, calendar, begins)
        return analyses.lifetime_value(found)

    async def vocabulary(self, request: pb.GetVocabularyRequest) -> pb.Vocabulary:
        since, until = wire.times_of(request.time_range)
        store = SamplingStore(self._store, _VOCABULARY_SECONDS)
        words = await ask(store, Filter(since=since, until=until, with_bots=True), VocabularyFold())
        async with self._database.read() as read:
            of_properties = await get_property_words(read, since, until)
        share = store.read_share
        scaled = [replace(one, touchpoints=round(one.touchpoints / share)) for one in words]
        found = wire.vocabulary([*scaled, *of_properties])
        return estimate(found, store)

    def _in_time(self, within_ms: int) -> SamplingStore:
        """Returns the store for a question that may have so long; 0 for as long as it takes."""
        return SamplingStore(self._store, within_ms / 1000)

    async def filter(self, message: pb.TouchpointFilter, field: str = "filter") -> Filter:
        """Returns a filter, within the segment that it names. Raises InvalidQuestion."""
        message = wire.with_period(message, self._database.clock.now())
        chosen = wire.filter_of(message)
        if not message.segment:
            return chosen
        found = await self._segment(message, message.segment, f"{field}.segment")
        return chosen.narrowed(found)

    async def segment(self, slug: str, field: str) -> Filter:
        """Returns a segment's filter, in its own period. Raises InvalidQuestion."""
        return await self._segment(pb.TouchpointFilter(), slug, field)

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
        now = self._database.clock.now()
        period = wire.with_period(message, now)
        return wire.segment_filter(segment.filter, period, field, now)


Answer = Callable[[Answers, Any], Awaitable[Message]]
# By the name that a command line has for each, with its request.
QUESTIONS: Final[dict[str, tuple[type[Message], Answer]]] = {
    "trend": (pb.GetTrendRequest, Answers.trend),
    "paths": (pb.GetPathsRequest, Answers.paths),
    "retention": (pb.GetRetentionRequest, Answers.retention),
    "attribution": (pb.GetAttributionRequest, Answers.attribution),
    "funnel": (pb.GetStepFunnelRequest, Answers.funnel),
    "funnel-people": (pb.ListFunnelPeopleRequest, Answers.funnel_people),
    "step-times": (pb.GetStepTimesRequest, Answers.step_times),
    "anomalies": (pb.GetAnomaliesRequest, Answers.anomalies),
    "pains": (pb.GetPainsRequest, Answers.pains),
    "products": (pb.GetProductPerformanceRequest, Answers.products),
    "searches": (pb.GetSearchTermsRequest, Answers.searches),
    "map": (pb.GetMapNumbersRequest, Answers.map),
    "map-people": (pb.ListMapPeopleRequest, Answers.map_people),
    "conformance": (pb.GetConformanceRequest, Answers.conformance),
    "says-does": (pb.GetSaysDoesRequest, Answers.says_does),
    "lifetime-value": (pb.GetLifetimeValueRequest, Answers.lifetime_value),
    "vocabulary": (pb.GetVocabularyRequest, Answers.vocabulary),
}
