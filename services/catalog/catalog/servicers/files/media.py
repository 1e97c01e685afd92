"""The edge of pictures."""

from typing import Final
from uuid import UUID

from catalog.errors import MediaUploaded
from catalog.media import actions
from catalog.media.fetch_picture import fetch_picture
from catalog.media.model import MOST_BYTES, get_media, list_media, signing_key
from catalog.media.store import MediaStore
from catalog.media.upload_tokens import LIFETIME, UploadTicket, read_upload, sign_upload
from catalog.media.wire import FORMATS, encode_media
from chassis.data.database import Database
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from chassis.rpc.wire import timestamp
from chassis.runtime.clock import uuid7
from sojourn.catalog.v1 import media_pb2 as pb
from sojourn.catalog.v1 import media_pb2_grpc as pb_grpc

_USUAL_SIZE: Final = 50
_LAST: Final = UUID(int=2**128 - 1)


class MediaAdminServicer(Servicer, pb_grpc.MediaAdminServiceServicer):
    """Pictures by staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, store: MediaStore) -> None:
        super().__init__(database, verifier)
        self._store = store

    @write(scope="catalog.write", needs_key=True)
    async def CreateMediaUpload(
        self, request: pb.CreateMediaUploadRequest, call: Call
    ) -> pb.MediaUpload:
        # A repeat gets another URL: nothing is stored until one of them is used.
        async with call.read() as read:
            key = await signing_key(read)
            expires_at = read.now + LIFETIME
        ticket = UploadTicket(uuid7(), request.name, call.caller.subject_id, expires_at)
        return pb.MediaUpload(
            media_id=str(ticket.media_id),
            upload_url=f"/v1/media/uploads/{sign_upload(ticket, key)}",
            expires_at=timestamp(expires_at),
            most_bytes=MOST_BYTES,
        )

    @write(scope="catalog.write", needs_key=True)
    async def FetchMedia(self, request: pb.FetchMediaRequest, call: Call) -> pb.MediaObject:
        content = await fetch_picture(request.url)
        picture = await actions.decode(content)
        id = uuid7()
        # The bytes first: a row without them would be a broken picture.
        await actions.keep_file(self._store, id, content)
        async with call.tx() as tx:
            media = actions.media_of(
                id, request.name, content, picture, actor_id=call.caller.subject_id, tx=tx
            )
            return encode_media(await actions.add_media(tx, media))

    @read(scope="catalog.write")
    async def ListMedia(self, request: pb.ListMediaRequest, call: Call) -> pb.ListMediaResponse:
        size = size_of(request.page.size, default=_USUAL_SIZE)
        position = position_of(request.page.token, length=1)
        try:
            before = UUID(str(position[0])) if position else _LAST
        except ValueError as error:
            raise InvalidPageToken from error
        async with call.read() as read:
            found = await list_media(read, before=before, size=size + 1)
        return pb.ListMediaResponse(
            media=map(encode_media, found[:size]),
            next_page_token=token_of([str(found[size - 1].id)]) if len(found) > size else "",
        )

    @read(scope="catalog.write")
    async def GetMedia(self, request: pb.GetMediaRequest, call: Call) -> pb.MediaObject:
        async with call.read() as read:
            return encode_media(await get_media(read, parse_id(request.id, "id")))

    @write(scope="catalog.write")
    async def DeleteMedia(
        self, request: pb.DeleteMediaRequest, call: Call
    ) -> pb.DeleteMediaResponse:
        id = parse_id(request.id, "id")
        async with call.tx() as tx:
            media = await actions.delete_media(
                tx,
                id,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        # What stays if this stops here is asked for by nobody, and goes with a repeat.
        await call.finish(pb.DeleteMediaResponse())
        await actions.delete_files(self._store, media)
        return pb.DeleteMediaResponse()


class MediaServicer(Servicer, pb_grpc.MediaServiceServicer):
    """Pictures for browsers."""

    def __init__(self, database: Database, verifier: TokenVerifier, store: MediaStore) -> None:
        super().__init__(database, verifier)
        self._store = store

    @write(public=True)
    async def UploadMedia(self, request: pb.UploadMediaRequest, call: Call) -> pb.MediaObject:
        async with call.read() as read:
            ticket = read_upload(request.token, await signing_key(read), read.now)
        picture = await actions.decode(request.content)
        key = await actions.keep_file(self._store, ticket.media_id, request.content)
        try:
            async with call.tx(stores_reply=False) as tx:
                media = actions.media_of(
                    ticket.media_id,
                    ticket.name,
                    request.content,
                    picture,
                    actor_id=ticket.actor_id,
                    tx=tx,
                )
                return encode_media(await actions.add_media(tx, media))
        except MediaUploaded:
            await self._store.delete([key])
            raise

    @read(public=True)
    async def ReadMedia(self, request: pb.ReadMediaRequest, call: Call) -> pb.MediaContent:
        content, media_type = await actions.read_media(
            self.database,
            self._store,
            parse_id(request.id, "id"),
            request.width,
            FORMATS.decode(request.format),
        )
        return pb.MediaContent(content=content, media_type=media_type)
