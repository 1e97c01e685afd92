"""Pictures: taking them in, making smaller forms, deleting them."""

import asyncio
import hashlib
from typing import Final
from uuid import UUID

from catalog.errors import InvalidMedia, MediaNotFound, MediaUploaded
from catalog.media.images import MEDIA_TYPES, Picture, read_picture, render
from catalog.media.model import (
    WIDTHS,
    MediaFormat,
    MediaObject,
    form_key,
    get_media,
    keys_of,
    original_key,
)
from catalog.media.store import MediaStore
from catalog.products.plain_text import line_of
from chassis.data.audit import record_audit
from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch

# Decoding takes a processor: so many at once in one process.
_DECODERS: Final = asyncio.Semaphore(2)


async def decode(content: bytes) -> Picture:
    """Returns the facts of a picture. Raises InvalidMedia."""
    async with _DECODERS:
        return await asyncio.to_thread(read_picture, content)


def media_of(
    id: UUID, name: str, content: bytes, picture: Picture, *, actor_id: UUID | None, tx: Tx
) -> MediaObject:
    """Returns the row of a picture."""
    return MediaObject(
        id=id,
        name=line_of(name)[:200],
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        size_bytes=len(content),
        digest=hashlib.sha256(content).digest(),
        actor_id=actor_id,
        created_at=tx.now,
    )


async def add_media(tx: Tx, media: MediaObject) -> MediaObject:
    """Keeps a picture whose bytes are in the store. The same one again is fine.

    Raises MediaUploaded where its id has another picture.
    """
    if await tx.insert_new(media):
        record_audit(
            tx,
            media.actor_id,
            "add_media",
            f"media:{media.id}",
            after={"media_type": media.media_type, "size_bytes": media.size_bytes},
        )
        return media
    there = await tx.get(MediaObject, media.id)
    if there is None or there.deleted_at is not None or there.digest != media.digest:
        raise MediaUploaded("the upload was used for another picture", id=str(media.id))
    return there


async def delete_media(
    tx: Tx, id: UUID, *, actor_id: UUID | None = None, expected_version: int = 0
) -> MediaObject:
    """Marks a picture as deleted; delete its bytes after the commit. A repeat changes nothing.

    Raises MediaNotFound, VersionMismatch.
    """
    media = await tx.lock(MediaObject, id)
    if media is None:
        raise MediaNotFound(id=str(id))
    if media.deleted_at is not None:
        return media
    if expected_version not in (0, media.version):
        raise VersionMismatch("the picture changed meanwhile", version=media.version)
    media.deleted_at = tx.now
    await tx.update(media)
    record_audit(
        tx, actor_id, "delete_media", f"media:{id}", before={"name": media.name}, after=None
    )
    return media


async def read_media(
    database: Database, store: MediaStore, id: UUID, width: int, format: MediaFormat
) -> tuple[bytes, str]:
    """Returns the bytes of a picture or of a form of it, and their type.

    A form is made once, from the original, and kept. Raises MediaNotFound, InvalidMedia.
    """
    if width not in (0, *WIDTHS):
        raise InvalidMedia(f"is 0 or one of {', '.join(map(str, WIDTHS))}", path="width")
    async with database.read() as read:
        media = await get_media(read, id)
    if width and format is MediaFormat.ORIGINAL:
        format = MediaFormat.WEBP
    if width >= media.width:
        width = 0
    original_at = original_key(id, media.digest)
    if format is MediaFormat.ORIGINAL:
        return await _file(store, original_at), media.media_type
    key, media_type = form_key(id, width, format), MEDIA_TYPES[format]
    if (content := await store.get(key)) is not None:
        return content, media_type
    original = await _file(store, original_at)
    async with _DECODERS:
        try:
            content = await asyncio.to_thread(render, original, width, format)
        except (OSError, ValueError) as error:
            raise InvalidMedia("cannot be made of this picture", path="format") from error
    await store.put(key, content)
    return content, media_type


async def _file(store: MediaStore, key: str) -> bytes:
    content = await store.get(key)
    if content is None:
        raise MediaNotFound("the picture's file is gone")
    return content


async def keep_file(store: MediaStore, id: UUID, content: bytes) -> str:
    """Keeps the bytes of a picture before its row is written. Returns where."""
    key = original_key(id, hashlib.sha256(content).digest())
    await store.put(key, content)
    return key


async def delete_files(store: MediaStore, media: MediaObject) -> None:
    """Deletes the bytes of a picture and of its forms."""
    await store.delete(keys_of(media))
