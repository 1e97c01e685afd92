"""Edge of MapDocumentService: findings about maps, files, merged edits, comparisons."""

import asyncio
from datetime import timedelta
from typing import Final

from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc import documents
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from journey import wire as messages
from journey.map_documents import wire
from journey.map_documents.compare import compare_documents, compare_figures
from journey.map_documents.lint import lint_map
from journey.map_files.files import write_map
from journey.map_sharing.actions import own_new_map
from journey.map_sharing.model import MapRole
from journey.map_sharing.queries import require_role
from journey.maps.actions import MapEdit, merge_map
from journey.maps.copies import copy_map
from journey.maps.model import BUILT_IN, JourneyMap, get_map
from journey.maps.versions import get_map_version
from journey.objectives.queries import get_count, list_kept
from journey.objectives.wire import encode_objectives
from journey.questions.answers import Answers
from journey.segments.queries import list_segment_slugs
from journey.store.store import TouchpointStore
from sojourn.journey.v1 import journey_pb2, questions_pb2
from sojourn.journey.v1 import map_documents_pb2 as pb
from sojourn.journey.v1 import map_documents_pb2_grpc as pb_grpc

_READ: Final = "journeys.read"
_WRITE: Final = "journeys.write"
# The reasons of findings name it.
_SEEN_WITHIN: Final = timedelta(days=90)


class MapDocumentServicer(Servicer, pb_grpc.MapDocumentServiceServicer):
    """Staff read maps as documents, and edit them at the same time."""

    def __init__(self, database: Database, verifier: TokenVerifier, store: TouchpointStore) -> None:
        super().__init__(database, verifier)
        self._clock, self._answers = database.clock, Answers(database, store)

    @read(scope=_READ)
    async def LintMap(self, request: pb.LintMapRequest, call: Call) -> pb.MapLint:
        async with call.read() as read:
            await require_role(read, request.slug, call.caller, MapRole.VIEW)
            chart = await get_map(read, request.slug)
            segments = await list_segment_slugs(read)
        asked = questions_pb2.GetVocabularyRequest()
        asked.time_range.since.FromDatetime(self._clock.now() - _SEEN_WITHIN)
        # The store is asked when no transaction is open: it may take two seconds.
        vocabulary = await self._answers.vocabulary(asked)
        known = wire.known_of(vocabulary, segments)
        return wire.encode_lint(
            chart,
            lint_map(chart, known, list(dict.fromkeys(request.locales))),
            is_exact=not vocabulary.HasField("estimate"),
        )

    @read(scope=_READ)
    async def ExportMap(self, request: pb.ExportMapRequest, call: Call) -> pb.MapFile:
        async with call.read() as read:
            await require_role(read, request.slug, call.caller, MapRole.VIEW)
            chart = await _map_of(read, request)
        locale, format = wire.locale_of(request.locale), wire.FORMATS.decode(request.format)
        if not request.with_numbers:
            file = await asyncio.to_thread(write_map, chart, format, str(locale))
            return wire.encode_file(file, chart.version)
        # An older version is shown with the numbers of its own stages.
        funnel = await self._answers.numbers_of_map(wire.question_of(request), chart)
        file = await asyncio.to_thread(
            write_map,
            chart,
            format,
            str(locale),
            numbers=wire.numbers_of(funnel, request, locale),
            document_of_numbers=documents.document_of(funnel),
        )
        return wire.encode_file(file, chart.version)

    @write(scope=_WRITE, needs_key=True)
    async def MergeMap(self, request: pb.MergeMapRequest, call: Call) -> pb.MergeMapResponse:
        actor_id, slug = call.caller.person_id, request.map.slug
        edit = MapEdit(
            messages.document_of(request.map), request.base_version, wire.choices_of(request)
        )
        async with call.tx() as tx:
            # The refusal of the built-in map is its own.
            if slug != BUILT_IN:
                await require_role(tx, slug, call.caller, MapRole.EDIT)
            chart, conflicts = await merge_map(tx, edit, actor_id=actor_id)
            return pb.MergeMapResponse(
                is_saved=not conflicts,
                map=messages.journey_map(chart),
                conflicts=[wire.encode_conflict(one) for one in conflicts],
            )

    @write(scope=_WRITE, needs_key=True)
    async def CopyMap(self, request: pb.CopyMapRequest, call: Call) -> journey_pb2.JourneyMap:
        actor_id, copy = call.caller.person_id, wire.copy_of(request)
        async with call.tx() as tx:
            await require_role(tx, request.slug, call.caller, MapRole.VIEW)
            source = await _map_of(tx, request)
            # The refusal of the built-in map is its own. A deleted map keeps its roles.
            if copy.slug != BUILT_IN:
                await require_role(tx, copy.slug, call.caller, MapRole.EDIT)
            chart = await copy_map(tx, source, copy, actor_id=actor_id)
            if chart.version == 1:
                await own_new_map(tx, chart.slug, actor_id=actor_id)
            return messages.journey_map(chart)

    @read(scope=_READ)
    async def CompareMaps(self, request: pb.CompareMapsRequest, call: Call) -> pb.MapComparison:
        sides = (request.left, request.right)
        async with call.read() as read:
            for side in sides:
                await require_role(read, side.slug, call.caller, MapRole.VIEW)
            left, right = [await _map_of(read, side) for side in sides]
        message = pb.MapComparison(
            left_version=left.version,
            right_version=right.version,
            differences=[
                wire.encode_difference(one)
                for one in compare_documents(left.document, right.document)
            ],
        )
        if request.with_numbers:
            numbers = [
                await self._answers.numbers_of_map(wire.question_of(side), chart)
                for side, chart in zip(sides, (left, right), strict=True)
            ]
            figures = compare_figures(*(wire.figures_of(one) for one in numbers))
            message.figures.extend(wire.encode_figure(one) for one in figures)
            message.is_estimate = any(one.HasField("estimate") for one in numbers)
        return message

    @read(scope=_READ)
    async def GetMapObjectives(
        self, request: pb.GetMapObjectivesRequest, call: Call
    ) -> pb.MapObjectives:
        async with call.read() as read:
            await require_role(read, request.slug, call.caller, MapRole.VIEW)
            chart = await get_map(read, request.slug)
            count = await get_count(read, chart.slug)
            until = count.counted_until if count else None
            kept = await list_kept(read, chart.slug, chart.stages, until)
        return encode_objectives(chart.slug, kept, count)


async def _map_of(
    read: Read, request: pb.ExportMapRequest | pb.ComparedMap | pb.CopyMapRequest
) -> JourneyMap:
    """Returns a map, or a version of it. Raises MapNotFound."""
    if request.number and request.slug not in ("", BUILT_IN):
        return await get_map_version(read, request.slug, request.number)
    return await get_map(read, request.slug)
