"""The edge of imports of catalogue files."""

from typing import Final

from catalog.jobs import actions
from catalog.jobs.queries import get_catalog_import, list_catalog_imports
from catalog.jobs.wire import encode_catalog_import, options_of
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import catalog_jobs_pb2 as pb
from sojourn.catalog.v1 import catalog_jobs_pb2_grpc as pb_grpc

_USUAL_SIZE: Final = 50


class CatalogImportServicer(Servicer, pb_grpc.CatalogImportServiceServicer):
    """Imports as jobs."""

    @write(scope="catalog.write", needs_key=True)
    async def CreateCatalogImport(
        self, request: pb.CreateCatalogImportRequest, call: Call
    ) -> pb.CatalogImport:
        options = options_of(request.options)
        async with call.tx() as tx:
            job = await actions.create_catalog_import(tx, options, actor_id=call.caller.subject_id)
            return encode_catalog_import(job)

    @write(scope="catalog.write")
    async def AddCatalogImportPart(
        self, request: pb.AddCatalogImportPartRequest, call: Call
    ) -> pb.CatalogImport:
        id = parse_id(request.id, "id")
        # A repeat replaces the part by its number: no reply needs to be stored.
        async with call.tx(stores_reply=False) as tx:
            job = await actions.add_catalog_import_part(tx, id, request.number, request.content)
            return encode_catalog_import(job)

    @write(scope="catalog.write")
    async def StartCatalogImport(
        self, request: pb.StartCatalogImportRequest, call: Call
    ) -> pb.CatalogImport:
        async with call.tx() as tx:
            job = await actions.start_catalog_import(
                tx,
                parse_id(request.id, "id"),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
            return encode_catalog_import(job)

    @read(scope="catalog.write")
    async def GetCatalogImport(
        self, request: pb.GetCatalogImportRequest, call: Call
    ) -> pb.CatalogImport:
        async with call.read() as read:
            return encode_catalog_import(await get_catalog_import(read, parse_id(request.id, "id")))

    @read(scope="catalog.write")
    async def ListCatalogImports(
        self, request: pb.ListCatalogImportsRequest, call: Call
    ) -> pb.ListCatalogImportsResponse:
        async with call.read() as read:
            jobs = await list_catalog_imports(read, request.page_size or _USUAL_SIZE)
        return pb.ListCatalogImportsResponse(
            imports=[encode_catalog_import(job, with_problems=False) for job in jobs]
        )

    @write(scope="catalog.write")
    async def CancelCatalogImport(
        self, request: pb.CancelCatalogImportRequest, call: Call
    ) -> pb.CatalogImport:
        async with call.tx() as tx:
            job = await actions.cancel_catalog_import(
                tx,
                parse_id(request.id, "id"),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
            return encode_catalog_import(job)
