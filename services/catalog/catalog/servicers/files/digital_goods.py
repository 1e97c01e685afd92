"""The edge of digital goods: staff's settings, keys and files."""

from typing import Final
from uuid import UUID

from catalog.digital_goods import actions, files
from catalog.digital_goods.queries import get_digital_good, list_licence_keys
from catalog.digital_goods.wire import (
    STATUSES,
    decode_digital_good,
    encode_digital_good,
    encode_file,
    encode_licence_key,
)
from catalog.directory import Directory
from catalog.errors import DigitalFileNotFound
from catalog.media.store import MediaStore
from chassis.data.database import Database
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import digital_goods_pb2 as pb
from sojourn.catalog.v1 import digital_goods_pb2_grpc as pb_grpc

_USUAL_SIZE: Final = 50
_LAST: Final = UUID(int=2**128 - 1)


class DigitalGoodServicer(Servicer, pb_grpc.DigitalGoodServiceServicer):
    """Digital goods by staff."""

    def __init__(
        self,
        database: Database,
        verifier: TokenVerifier,
        directory: Directory,
        store: MediaStore,
    ) -> None:
        super().__init__(database, verifier)
        self._directory, self._store = directory, store

    @write(scope="catalog.write")
    async def PutDigitalGood(self, request: pb.PutDigitalGoodRequest, call: Call) -> pb.DigitalGood:
        draft = decode_digital_good(request)
        async with call.tx() as tx:
            kept = await actions.put_digital_good(
                tx,
                await self._directory.refresh(tx),
                draft,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
            return encode_digital_good(kept)

    @read(scope="catalog.write")
    async def GetDigitalGood(self, request: pb.GetDigitalGoodRequest, call: Call) -> pb.DigitalGood:
        async with call.read() as read:
            return encode_digital_good(await get_digital_good(read, request.sku))

    @write(scope="catalog.write")
    async def DeleteDigitalGood(
        self, request: pb.DeleteDigitalGoodRequest, call: Call
    ) -> pb.DeleteDigitalGoodResponse:
        async with call.tx() as tx:
            await actions.delete_digital_good(
                tx,
                await self._directory.refresh(tx),
                request.sku,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteDigitalGoodResponse()

    @write(scope="catalog.write")
    async def ImportLicenceKeys(
        self, request: pb.ImportLicenceKeysRequest, call: Call
    ) -> pb.ImportLicenceKeysResponse:
        async with call.tx() as tx:
            imported = await actions.import_licence_keys(
                tx,
                await self._directory.context(tx),
                request.sku,
                request.keys,
                actor_id=call.caller.subject_id,
            )
        return pb.ImportLicenceKeysResponse(imported=imported, known=len(request.keys) - imported)

    @read(scope="catalog.write")
    async def ListLicenceKeys(
        self, request: pb.ListLicenceKeysRequest, call: Call
    ) -> pb.ListLicenceKeysResponse:
        size = size_of(request.page.size, default=_USUAL_SIZE)
        position = position_of(request.page.token, length=1)
        try:
            before = UUID(str(position[0])) if position else _LAST
        except ValueError as error:
            raise InvalidPageToken from error
        status = STATUSES.decode(request.status) if request.status else None
        async with call.read() as read:
            found = await list_licence_keys(
                read, request.sku, status=status, before=before, size=size + 1
            )
        return pb.ListLicenceKeysResponse(
            keys=map(encode_licence_key, found[:size]),
            next_page_token=token_of([str(found[size - 1].id)]) if len(found) > size else "",
        )

    @write(scope="catalog.write")
    async def RevokeLicenceKey(
        self, request: pb.RevokeLicenceKeyRequest, call: Call
    ) -> pb.LicenceKey:
        id = parse_id(request.id, "id")
        async with call.tx() as tx:
            context = await self._directory.context(tx)
            key = await actions.revoke_licence_key(tx, context, id, actor_id=call.caller.subject_id)
            return encode_licence_key(key)

    @write(scope="catalog.write", needs_key=True)
    async def CreateDigitalFile(
        self, request: pb.CreateDigitalFileRequest, call: Call
    ) -> pb.DigitalFile:
        async with call.tx() as tx:
            file = await files.create_digital_file(
                tx, request.sku, request.name, actor_id=call.caller.subject_id
            )
            return encode_file(file)

    @write(scope="catalog.write")
    async def AddDigitalFilePart(
        self, request: pb.AddDigitalFilePartRequest, call: Call
    ) -> pb.DigitalFile:
        id = parse_id(request.id, "id")
        key = files.part_key(id, request.number, request.content)
        # What stays if this stops here is asked for by nobody, and a repeat writes it again.
        await self._store.put(key, request.content)
        # A repeat is fine by itself: no reply is stored, and the commit comes before the deletion.
        try:
            async with self.database.tx() as tx:
                file, replaced = await files.add_digital_file_part(
                    tx, id, request.number, key, len(request.content)
                )
                reply = encode_file(file)
        except DigitalFileNotFound:
            await self._store.delete([key])
            raise
        if replaced:
            await self._store.delete([replaced])
        return reply

    @write(scope="catalog.write")
    async def CompleteDigitalFile(
        self, request: pb.CompleteDigitalFileRequest, call: Call
    ) -> pb.DigitalFile:
        id = parse_id(request.id, "id")
        async with call.tx() as tx:
            file, unused = await files.complete_digital_file(
                tx, id, actor_id=call.caller.subject_id
            )
            reply = encode_file(file)
        await call.finish(reply)
        await self._store.delete(unused)
        return reply

    @write(scope="catalog.write")
    async def DeleteDigitalFile(
        self, request: pb.DeleteDigitalFileRequest, call: Call
    ) -> pb.DeleteDigitalFileResponse:
        id = parse_id(request.id, "id")
        async with call.tx() as tx:
            unused = await files.delete_digital_file(tx, id, actor_id=call.caller.subject_id)
        # What stays if this stops here is asked for by nobody, and goes with a repeat.
        await call.finish(pb.DeleteDigitalFileResponse())
        await self._store.delete(unused)
        return pb.DeleteDigitalFileResponse()

    @write(scope="catalog.write")
    async def RevokeDigitalGoods(
        self, request: pb.RevokeDigitalGoodsRequest, call: Call
    ) -> pb.RevokeDigitalGoodsResponse:
        order_id = parse_id(request.order_id, "order_id")
        async with call.tx() as tx:
            await actions.revoke_digital_goods(
                tx, order_id, request.sku, actor_id=call.caller.subject_id
            )
        return pb.RevokeDigitalGoodsResponse()
