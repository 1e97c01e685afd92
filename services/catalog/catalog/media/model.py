"""Pictures and the key of signed uploads."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, bindparam
from sqlmodel import col, select

from catalog.errors import MediaNotFound
from chassis.data.rows import Field, Row, column, counter
from chassis.data.statements import prepare
from chassis.data.tx import Read

# Of one picture.
MOST_BYTES: Final = 8 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
# The closed list of widths that are made of pictures.
WIDTHS: Final = (160, 320, 480, 640, 960, 1280, 1920, 2560)


class MediaFormat(StrEnum):
    """Forms of a picture; ORIGINAL is the one that it came in."""

    ORIGINAL = ""
    WEBP = "webp"
    AVIF = "avif"
    JPEG = "jpeg"


class MediaObject(Row, table=True):
    """A picture, whose bytes are in the store. `digest` is their SHA-256."""

    __tablename__ = "media_object"

    id: UUID = Field(primary_key=True)
    name: str
    media_type: str
    width: int
    height: int
    size_bytes: int = counter()
    digest: bytes
    actor_id: UUID | None = None
    created_at: datetime
    deleted_at: datetime | None = None
    version: int = counter(default=1)

    @property
    def widths(self) -> list[int]:
        """Returns the widths that are smaller than it."""
        return [width for width in WIDTHS if width < self.width]


class MediaKey(Row, table=True):
    """The one key by which uploads are signed, made with the table."""

    __tablename__ = "media_key"
    __table_args__ = (CheckConstraint("is_only"),)

    is_only: bool = Field(default=True, primary_key=True)
    key: bytes = column(LargeBinary, repr=False)


class MediaBlob(Row, table=True):
    """Bytes of a picture, where the database is the store."""

    __tablename__ = "media_blob"

    key: str = Field(primary_key=True)
    content: bytes = column(LargeBinary, repr=False)


_KEY: Final = prepare(select(MediaKey.key))
_PAGE: Final = prepare(
    select(MediaObject)
    .where(col(MediaObject.id) < bindparam("before"), col(MediaObject.deleted_at).is_(None))
    .order_by(col(MediaObject.id).desc())
    .limit(bindparam("size"))
)


def original_key(id: UUID, digest: bytes) -> str:
    """Returns where the store keeps a picture as it came: two pictures never share a place."""
    return f"{id}/{digest.hex()}.original"


def form_key(id: UUID, width: int, format: MediaFormat) -> str:
    """Returns where the store keeps a form of a picture; width 0 is its own."""
    return f"{id}/{width or 'full'}.{format.value}"


def keys_of(media: MediaObject) -> Sequence[str]:
    """Returns where the store may keep a picture and all of its forms."""
    forms = [form for form in MediaFormat if form is not MediaFormat.ORIGINAL]
    return [
        original_key(media.id, media.digest),
        *(form_key(media.id, width, form) for width in (0, *WIDTHS) for form in forms),
    ]


async def signing_key(read: Read) -> bytes:
    """Returns the key of signed uploads."""
    key = await read.one(_KEY)
    assert key is not None
    return bytes(key)


async def get_media(read: Read, id: UUID) -> MediaObject:
    """One picture. Raises MediaNotFound."""
    found = await read.get(MediaObject, id)
    if found is None or found.deleted_at is not None:
        raise MediaNotFound(id=str(id))
    return found


async def list_media(read: Read, *, before: UUID, size: int) -> list[MediaObject]:
    """Pictures before an id, newest first."""
    return await read.all(_PAGE, before=before, size=size)
