"""Stores of pictures' bytes: the database, a folder, or S3, chosen by settings."""

from collections.abc import Sequence
from typing import Final, Protocol

import obstore
from obstore.store import LocalStore, S3Store

from catalog.media.model import MediaBlob
from catalog.settings import MediaStoreKind, Settings
from chassis.data.database import Database

_DROP: Final = "DELETE FROM media_blob WHERE key = ANY(%s)"


class MediaStore(Protocol):
    """A store of bytes by key. A key is written once, or again with the same bytes."""

    async def put(self, key: str, content: bytes) -> None: ...

    async def get(self, key: str) -> bytes | None:
        """Returns the bytes of a key; None where there are none."""

    async def delete(self, keys: Sequence[str]) -> None:
        """Deletes what is there of some keys."""


class DatabaseStore:
    """The service's own database: nothing else is needed, and a backup has it all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, key: str, content: bytes) -> None:
        async with self._database.tx() as tx:
            await tx.upsert_many(MediaBlob, [MediaBlob(key=key, content=content)])

    async def get(self, key: str) -> bytes | None:
        async with self._database.read() as read:
            found = await read.get(MediaBlob, key)
        return bytes(found.content) if found is not None else None

    async def delete(self, keys: Sequence[str]) -> None:
        async with self._database.tx() as tx:
            await tx.run(_DROP, [list(keys)])


class ObjectStore:
    """A folder, or a bucket of S3 or of what speaks its protocol."""

    def __init__(self, store: LocalStore | S3Store) -> None:
        self._store = store

    async def put(self, key: str, content: bytes) -> None:
        await obstore.put_async(self._store, key, content)

    async def get(self, key: str) -> bytes | None:
        try:
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                continue


def open_store(settings: Settings, database: Database) -> MediaStore:
    """Returns the store that the settings choose."""
    match settings.media_store:
        case MediaStoreKind.DATABASE:
            return DatabaseStore(database)
        case MediaStoreKind.FOLDER:
            return ObjectStore(LocalStore(settings.media_folder, mkdir=True))
        case MediaStoreKind.S3:
            return ObjectStore(
                S3Store(
                    settings.media_s3_bucket,
                    region=settings.media_s3_region,
                    endpoint=settings.media_s3_endpoint or None,
                    access_key_id=settings.media_s3_key_id,
                    secret_access_key=settings.media_s3_secret.get_secret_value(),
                    client_options={"allow_http": settings.media_s3_endpoint.startswith("http:")},
                )
            )
