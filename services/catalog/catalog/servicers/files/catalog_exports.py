"""The edge of exports of the catalogue."""

from catalog.directory import Directory
from catalog.exports.parts import ExportOptions, export_part, position_length
from catalog.jobs.wire import FORMATS, KINDS
from chassis.data.database import Database
from chassis.pagination import position_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read
from sojourn.catalog.v1 import catalog_jobs_pb2 as pb
from sojourn.catalog.v1 import catalog_jobs_pb2_grpc as pb_grpc


class CatalogExportServicer(Servicer, pb_grpc.CatalogExportServiceServicer):
    """Exports, part by part."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @read(scope="catalog.write")
    async def ExportCatalog(
        self, request: pb.ExportCatalogRequest, call: Call
    ) -> pb.ExportCatalogResponse:
        kind = KINDS.decode(request.kind)
        options = ExportOptions(
            kind, FORMATS.decode(request.format), request.currency, request.locale
        )
        position = position_of(request.page_token, length=position_length(kind))
        after = tuple(map(str, position)) if position else None
        async with call.read() as read:
            context = await self._directory.refresh(read)
            part = await export_part(read, context, options, after)
        return pb.ExportCatalogResponse(
            content=part.content,
            next_page_token=token_of(list(part.after)) if part.after else "",
        )
