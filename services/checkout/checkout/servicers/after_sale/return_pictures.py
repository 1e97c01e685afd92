"""ReturnPictureService."""

import asyncio
from uuid import UUID

from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from chassis.rpc.wire import timestamp
from checkout.errors.after_sale import ReturnNotFound
from checkout.guests.queries import find_buyer_ids
from checkout.orders.access import is_reader, is_writer
from checkout.return_pictures.actions import (
    delete_return_picture,
    get_return_picture,
    list_return_pictures,
    put_return_picture,
)
from checkout.return_pictures.images import normalize_picture
from checkout.returns.queries import get_return
from sojourn.checkout.v1 import documents_pb2
from sojourn.checkout.v1 import return_pictures_pb2 as pb
from sojourn.checkout.v1 import return_pictures_pb2_grpc as pb_grpc

_JPEG = "image/jpeg"


class ReturnPictureServicer(Servicer, pb_grpc.ReturnPictureServiceServicer):
    """Pictures of returns, for their buyers and for staff."""

    def __init__(self, database: Database, verifier: TokenVerifier) -> None:
        super().__init__(database, verifier)
        # A picture takes much memory while it is decoded: one at a time.
        self._decoding = asyncio.Lock()

    @write()
    async def PutReturnPicture(
        self, request: pb.PutReturnPictureRequest, call: Call
    ) -> pb.ReturnPicture:
        return_id = await self._writable(request.return_id, call)
        async with self._decoding:
            picture = await asyncio.to_thread(normalize_picture, request.content)
        async with call.tx(stores_reply=False) as tx:
            made = await put_return_picture(tx, return_id, request.number, picture)
        return pb.ReturnPicture(
            number=made.number,
            width=made.width,
            height=made.height,
            added_at=timestamp(made.added_at),
        )

    @read()
    async def ListReturnPictures(
        self, request: pb.ListReturnPicturesRequest, call: Call
    ) -> pb.ListReturnPicturesResponse:
        async with call.read() as found:
            return_id = await _readable(found, request.return_id, call)
            pictures = await list_return_pictures(found, return_id)
        return pb.ListReturnPicturesResponse(
            pictures=[
                pb.ReturnPicture(number=number, width=width, height=height, added_at=timestamp(at))
                for number, width, height, at in pictures
            ]
        )

    @read()
    async def ReadReturnPicture(
        self, request: pb.ReadReturnPictureRequest, call: Call
    ) -> documents_pb2.OrderDocumentFile:
        async with call.read() as found:
            return_id = await _readable(found, request.return_id, call)
            picture = await get_return_picture(found, return_id, request.number)
        return documents_pb2.OrderDocumentFile(
            name=f"{return_id}-{picture.number}.jpg",
            media_type=_JPEG,
            content=picture.content,
            sha256=picture.sha256.hex(),
        )

    @write()
    async def DeleteReturnPicture(
        self, request: pb.DeleteReturnPictureRequest, call: Call
    ) -> pb.DeleteReturnPictureResponse:
        return_id = await self._writable(request.return_id, call)
        async with call.tx(stores_reply=False) as tx:
            await delete_return_picture(tx, return_id, request.number)
        return pb.DeleteReturnPictureResponse()

    async def _writable(self, text: str, call: Call) -> UUID:
        """Returns the id of a return of the caller, or of any for staff. Raises ReturnNotFound."""
        return_id = parse_id_or(text, ReturnNotFound())
        async with call.read() as found:
            one = await get_return(found, return_id)
            buyer_ids = await find_buyer_ids(found, call.caller)
        if not is_writer(call.caller, one.owner_id, buyer_ids):
            raise ReturnNotFound
        return return_id


async def _readable(found: Read, text: str, call: Call) -> UUID:
    """Returns the id of a return that the caller may read. Raises ReturnNotFound."""
    return_id = parse_id_or(text, ReturnNotFound())
    one = await get_return(found, return_id)
    if not is_reader(call.caller, one.owner_id, await find_buyer_ids(found, call.caller)):
        raise ReturnNotFound
    return return_id
