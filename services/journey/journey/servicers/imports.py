"""Edge of ImportService: imports of history as jobs."""

from typing import Final

from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from journey.imports import wire
from journey.imports.actions import undo_import
from journey.imports.jobs import add_import_part, create_import, start_import
from journey.imports.queries import get_import, list_imports, lock_import
from sojourn.journey.v1 import imports_pb2 as pb
from sojourn.journey.v1 import imports_pb2_grpc as pb_grpc

_READ: Final = "journeys.read"
_WRITE: Final = "journeys.write"
_USUAL_SIZE: Final = 50


class ImportServicer(Servicer, pb_grpc.ImportServiceServicer):
    """Staff import, look at imports, and undo them."""

    @write(scope=_WRITE, needs_key=True)
    async def CreateImport(self, request: pb.CreateImportRequest, call: Call) -> pb.Import:
        options, actor_id = wire.options_of(request.options), call.caller.person_id
        async with call.tx() as tx:
            return wire.import_job(await create_import(tx, options, actor_id=actor_id))

    @write(scope=_WRITE)
    async def AddImportPart(self, request: pb.AddImportPartRequest, call: Call) -> pb.Import:
        id = parse_id(request.id, "id")
        # A repeat replaces the part by its number: no reply needs to be stored.
        async with call.tx(stores_reply=False) as tx:
            return wire.import_job(await add_import_part(tx, id, request.number, request.content))

    @write(scope=_WRITE)
    async def StartImport(self, request: pb.StartImportRequest, call: Call) -> pb.Import:
        async with call.tx() as tx:
            return wire.import_job(await start_import(tx, parse_id(request.id, "id")))

    @read(scope=_READ)
    async def GetImport(self, request: pb.GetImportRequest, call: Call) -> pb.Import:
        async with call.read() as read:
            return wire.import_job(await get_import(read, parse_id(request.id, "id")))

    @read(scope=_READ)
    async def ListImports(
        self, request: pb.ListImportsRequest, call: Call
    ) -> pb.ListImportsResponse:
        async with call.read() as read:
            jobs = await list_imports(read, request.page_size or _USUAL_SIZE)
        return pb.ListImportsResponse(
            imports=[wire.import_job(job, with_refusals=False) for job in jobs]
        )

    @write(scope=_WRITE)
    async def UndoImport(self, request: pb.UndoImportRequest, call: Call) -> pb.Import:
        actor_id = call.caller.person_id
        async with call.tx() as tx:
            job = await lock_import(tx, parse_id(request.id, "id"))
            await undo_import(tx, job, actor_id=actor_id)
            return wire.import_job(job)
