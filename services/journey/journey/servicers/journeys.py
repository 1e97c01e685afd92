"""Edge of JourneyService: journeys, funnels, scores and maps."""

import time
from typing import Final
from uuid import UUID

from chassis import pagination
from chassis.data.database import Database
from chassis.data.tx import Read, Tx
from chassis.rpc.auth import Caller, TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id, parse_optional_id
from chassis.rpc.server import Call, Servicer, read, write
from journey import metrics
from journey import wire as messages
from journey.errors import JourneyNotFound
from journey.feedback.model import get_recommendation_score
from journey.funnels.queries import get_map_numbers
from journey.funnels.wire import numbers_of, question_of_funnel
from journey.journeys.queries import get_journey
from journey.journeys.traces import Traces
from journey.map_sharing.actions import own_new_map, revoke_all_links
from journey.map_sharing.model import MapRole
from journey.map_sharing.queries import list_hidden_maps, require_reader, require_role
from journey.maps.actions import delete_map, put_map, roll_back_map
from journey.maps.model import BUILT_IN, get_map, list_maps
from journey.maps.versions import NEWEST, get_map_version, list_map_versions
from journey.people.keys import find_handles, order_key
from journey.people.model import (
    Person,
    find_customers,
    get_person_of_customer,
    get_person_of_handle,
)
from journey.settings import Settings
from journey.store.store import JourneyStore
from journey.touchpoints.model import Placing, find_placing, find_traced
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1 import journey_pb2_grpc as pb_grpc

_READ: Final = "journeys.read"
_WRITE: Final = "journeys.write"
_USUAL_SIZE: Final = 50


class JourneyServicer(Servicer, pb_grpc.JourneyServiceServicer):
    """Staff see all; a customer sees their own journey."""

    def __init__(
        self,
        database: Database,
        verifier: TokenVerifier,
        settings: Settings,
        traces: Traces,
        store: JourneyStore,
    ) -> None:
        super().__init__(database, verifier)
        self._settings, self._traces, self._store = settings, traces, store

    @read()
    async def GetJourney(self, request: pb.GetJourneyRequest, call: Call) -> pb.Journey:
        if request.with_spans:
            call.caller.require(_READ)
        async with call.read() as read:
            person = await _person(read, request, call.caller)
            await require_reader(read, request.map, call.caller)
            chart = await get_map(read, request.map)
        since, until = messages.times_of(request)
        found = await get_journey(
            self._store, person, chart.stages, since=since, until=until, limit=request.limit
        )
        if found is None:
            raise JourneyNotFound
        message = messages.journey(
            found, chart, locale=request.locale, trace_url=self._settings.trace_url
        )
        if request.with_spans:
            # The store is asked when no transaction is open: it may take two seconds.
            spans = await self._traces.fetch_spans(one.trace_id for one in message.touchpoints)
            messages.add_spans(message, spans, is_connected=self._traces.is_connected)
        return message

    @read(scope=_READ)
    async def GetFunnel(self, request: pb.GetFunnelRequest, call: Call) -> pb.Funnel:
        question = question_of_funnel(request)
        async with call.read() as read:
            await require_role(read, request.map, call.caller, MapRole.VIEW)
            chart = await get_map(read, request.map)
        began = time.perf_counter()
        found = await get_map_numbers(self._store, chart.stages, question)
        metrics.funnel_seconds.observe(time.perf_counter() - began)
        message = numbers_of(chart, found, request.locale)
        if request.with_score:
            message.score.CopyFrom(await self._score(call, request))
        return message

    @read(scope=_READ)
    async def GetRecommendationScore(
        self, request: pb.GetRecommendationScoreRequest, call: Call
    ) -> pb.RecommendationScore:
        return await self._score(call, request)

    async def _score(
        self, call: Call, request: pb.GetRecommendationScoreRequest | pb.GetFunnelRequest
    ) -> pb.RecommendationScore:
        since, until = messages.times_of(request)
        async with call.read() as read:
            found = await get_recommendation_score(
                read, since=since, until=until, channel=request.channel
            )
        return messages.score(found)

    @read(scope=_READ)
    async def GetMap(self, request: pb.GetMapRequest, call: Call) -> pb.JourneyMap:
        async with call.read() as read:
            await require_role(read, request.slug, call.caller, MapRole.VIEW)
            return messages.journey_map(await get_map(read, request.slug))

    @read(scope=_READ)
    async def ListMaps(self, request: pb.ListMapsRequest, call: Call) -> pb.ListMapsResponse:
        async with call.read() as read:
            found = await list_maps(read)
            hidden = await list_hidden_maps(read, call.caller, [one.slug for one in found])
        return pb.ListMapsResponse(
            maps=[messages.brief_map(one) for one in found if one.slug not in hidden]
        )

    @write(scope=_WRITE, needs_key=True)
    async def PutMap(self, request: pb.PutMapRequest, call: Call) -> pb.JourneyMap:
        actor_id = call.caller.person_id
        document = messages.document_of(request.map)
        async with call.tx() as tx:
            await _require_editor(tx, request.map.slug, call.caller)
            chart = await put_map(
                tx, document, actor_id=actor_id, expected_version=request.expected_version
            )
            if chart.version == 1:
                await own_new_map(tx, chart.slug, actor_id=actor_id)
            return messages.journey_map(chart)

    @write(scope=_WRITE)
    async def DeleteMap(self, request: pb.DeleteMapRequest, call: Call) -> pb.DeleteMapResponse:
        actor_id, expected = call.caller.person_id, request.expected_version
        async with call.tx() as tx:
            if request.slug != BUILT_IN:
                await require_role(tx, request.slug, call.caller, MapRole.OWN)
            await delete_map(tx, request.slug, actor_id=actor_id, expected_version=expected)
            await revoke_all_links(tx, request.slug, actor_id=actor_id)
        return pb.DeleteMapResponse()

    @read(scope=_READ)
    async def ListMapVersions(
        self, request: pb.ListMapVersionsRequest, call: Call
    ) -> pb.ListMapVersionsResponse:
        size = pagination.size_of(request.page.size, default=_USUAL_SIZE)
        position = pagination.position_of(request.page.token, length=1)
        before = position[0] if position else NEWEST
        if type(before) is not int or not 0 < before <= NEWEST:
            raise InvalidPageToken
        async with call.read() as read:
            await require_role(read, request.slug, call.caller, MapRole.VIEW)
            found = await list_map_versions(read, request.slug, before=before, most=size + 1)
        return pb.ListMapVersionsResponse(
            versions=[messages.map_version(*one) for one in found[:size]],
            next_page_token=pagination.token_of([found[size - 1][0]]) if found[size:] else "",
        )

    @read(scope=_READ)
    async def GetMapVersion(self, request: pb.GetMapVersionRequest, call: Call) -> pb.JourneyMap:
        async with call.read() as read:
            await require_role(read, request.slug, call.caller, MapRole.VIEW)
            return messages.journey_map(await get_map_version(read, request.slug, request.number))

    @write(scope=_WRITE, needs_key=True)
    async def RollBackMap(self, request: pb.RollBackMapRequest, call: Call) -> pb.JourneyMap:
        actor_id, expected = call.caller.person_id, request.expected_version
        async with call.tx() as tx:
            await _require_editor(tx, request.slug, call.caller)
            return messages.journey_map(
                await roll_back_map(
                    tx, request.slug, request.number, actor_id=actor_id, expected_version=expected
                )
            )


async def _require_editor(tx: Tx, slug: str, caller: Caller) -> None:
    """Raises MapNotFound or MapRoleRequired for a map that the caller may not change."""
    # The refusal of the built-in map is its own.
    if slug != BUILT_IN:
        await require_role(tx, slug, caller, MapRole.EDIT)


async def _person(read: Read, request: pb.GetJourneyRequest, caller: Caller) -> Person:
    """Returns the person that the request names; a stranger does not exist for the caller."""
    if request.visitor_id:
        person = await get_person_of_handle(read, parse_id(request.visitor_id, "visitor_id"))
    elif request.order_id:
        order_id = parse_id(request.order_id, "order_id")
        person = await _buyer(read, order_id)
    elif request.trace_id:
        person = await _person_of(read, await find_traced(read, UUID(hex=request.trace_id)))
    else:
        customer_id = parse_optional_id(request.customer_id, "customer_id") or caller.subject_id
        person = await get_person_of_customer(read, customer_id) if customer_id else _nobody()
    if _READ not in caller.scopes and (
        caller.kind != "customer" or caller.subject_id != person.id or not person.is_customer
    ):
        raise JourneyNotFound
    return person


async def _buyer(read: Read, order_id: UUID) -> Person:
    """Returns the person of an order, whose touchpoint may lie in files. Raises JourneyNotFound."""
    if (placing := await find_placing(read, order_id)) is not None:
        return await _person_of(read, placing)
    handles = await find_handles(read, order_key(str(order_id)))
    if not handles:
        raise JourneyNotFound
    customers = await find_customers(read, handles)
    if customers:
        return await get_person_of_customer(read, min(customers))
    return await get_person_of_handle(read, handles[0])


async def _person_of(read: Read, placing: Placing | None) -> Person:
    """Returns the person of a touchpoint. Raises JourneyNotFound."""
    if placing is None:
        raise JourneyNotFound
    if placing.customer_id:
        return await get_person_of_customer(read, placing.customer_id)
    return await get_person_of_handle(read, placing.handles[0])


def _nobody() -> Person:
    raise JourneyNotFound
