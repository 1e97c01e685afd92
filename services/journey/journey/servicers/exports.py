"""Edge of ExportService: exports of touchpoints as jobs."""

from typing import Final

from chassis.data.database import Database
from chassis.rpc.auth import Caller, TokenVerifier
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from journey.exports import wire
from journey.exports.actions import create_export, delete_export
from journey.exports.model import ExportOptions
from journey.exports.queries import get_export, get_export_part, list_exports
from journey.questions.answers import Answers
from journey.store.store import TouchpointStore
from sojourn.journey.v1 import exports_pb2 as pb
from sojourn.journey.v1 import exports_pb2_grpc as pb_grpc

_EXPORT: Final = "journeys.export"
_PEOPLE: Final = "customers.read"
_USUAL_SIZE: Final = 50


class ExportServicer(Servicer, pb_grpc.ExportServiceServicer):
    """Staff ask for exports, look at them, and fetch their files."""

    def __init__(self, database: Database, verifier: TokenVerifier, store: TouchpointStore) -> None:
        super().__init__(database, verifier)
        self._answers = Answers(database, store)

    @write(scope=_EXPORT, needs_key=True)
    async def CreateExport(
        self, request: pb.CreateExportRequest, call: Call
    ) -> pb.TouchpointExport:
        options, actor_id = wire.options_of(request), call.caller.person_id
        _require_people(call.caller, options)
        # A filter that makes no sense is refused now.
        await self._answers.filter(request.filter)
        async with call.tx() as tx:
            return wire.export_job(await create_export(tx, options, actor_id=actor_id))

    @read(scope=_EXPORT)
    async def GetExport(self, request: pb.GetExportRequest, call: Call) -> pb.TouchpointExport:
        async with call.read() as read:
            return wire.export_job(await get_export(read, parse_id(request.id, "id")))

    @read(scope=_EXPORT)
    async def ListExports(
        self, request: pb.ListExportsRequest, call: Call
    ) -> pb.ListExportsResponse:
        async with call.read() as read:
            jobs = await list_exports(read, request.page_size or _USUAL_SIZE)
        return pb.ListExportsResponse(exports=map(wire.export_job, jobs))

    @read(scope=_EXPORT)
    async def GetExportPart(self, request: pb.GetExportPartRequest, call: Call) -> pb.ExportPart:
        async with call.read() as read:
            job = await get_export(read, parse_id(request.id, "id"))
            _require_people(call.caller, job.options)
            content = await get_export_part(read, job, request.number)
        return pb.ExportPart(content=content, format=wire.FORMATS.encode(job.options.format))

    @write(scope=_EXPORT)
    async def DeleteExport(
        self, request: pb.DeleteExportRequest, call: Call
    ) -> pb.TouchpointExport:
        actor_id = call.caller.person_id
        async with call.tx() as tx:
            return wire.export_job(
                await delete_export(tx, parse_id(request.id, "id"), actor_id=actor_id)
            )


def _require_people(caller: Caller, options: ExportOptions) -> None:
    if options.tells_of_people:
        caller.require(_PEOPLE)
