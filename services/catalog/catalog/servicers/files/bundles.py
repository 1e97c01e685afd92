"""The edge of bundles."""

from catalog.bundles.actions import delete_bundle, get_bundle, put_bundle
from catalog.bundles.wire import decode_bundle, encode_bundle
from catalog.directory import Directory
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import bundles_pb2 as pb
from sojourn.catalog.v1 import bundles_pb2_grpc as pb_grpc


class BundleServicer(Servicer, pb_grpc.BundleServiceServicer):
    """Bundles by staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @write(scope="catalog.write")
    async def PutBundle(self, request: pb.PutBundleRequest, call: Call) -> pb.Bundle:
        draft = decode_bundle(request)
        async with call.tx() as tx:
            kept = await put_bundle(
                tx,
                await self._directory.refresh(tx),
                draft,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
            return encode_bundle(kept)

    @read(scope="catalog.write")
    async def GetBundle(self, request: pb.GetBundleRequest, call: Call) -> pb.Bundle:
        async with call.read() as read:
            return encode_bundle(await get_bundle(read, request.sku))

    @write(scope="catalog.write")
    async def DeleteBundle(
        self, request: pb.DeleteBundleRequest, call: Call
    ) -> pb.DeleteBundleResponse:
        async with call.tx() as tx:
            await delete_bundle(
                tx,
                await self._directory.refresh(tx),
                request.sku,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteBundleResponse()
